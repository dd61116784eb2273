/// \file
/// What an operator sees on the terminal of `osmia serve`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace osmia::supervisor {

/// Writes whole lines, and never waits for who reads them: a terminal or pipe without room loses lines, and the next
/// line that fits says how many. One thread. Borrows its descriptors.
class OperatorOutput {
public:
    OperatorOutput(BorrowedFd notices, BorrowedFd problems) : notices_{notices.get()}, problems_{problems.get()} {}

    /// A line that is expected: where the server listens, what a reload touched.
    void notice(std::string_view line) { write(notices_, line); }
    /// A line that somebody should look at, and what workers write.
    void problem(std::string_view line) { write(problems_, line); }

private:
    struct Target {
        int fd;
        std::uint64_t lost = 0;
    };
    static void write(Target& target, std::string_view line);

    Target notices_;
    Target problems_;
};

/// The time of day with milliseconds, local time: "08:05:25.123".
std::string time_of_day();

}  // namespace osmia::supervisor
