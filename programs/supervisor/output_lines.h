/// \file
/// What a worker writes to its standard output and error, cut into lines and limited in rate.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace osmia::supervisor {

/// A longer line is passed on in pieces of this many bytes.
inline constexpr std::size_t MaxOutputLine = 4096;
/// Lines of one worker that are passed on in one second; further ones are counted.
inline constexpr std::uint32_t MaxOutputLinesPerSecond = 500;

/// At most \a limit bytes of \a text in one line: control characters other than a tab are replaced by '?', so that nobody
/// who is only to be quoted writes to the terminal's state.
std::string printable(std::string_view text, std::size_t limit = MaxOutputLine);

/// Cuts bytes into lines and passes them on. A value without I/O; its time comes with each call. The text may hold
/// anything and is passed on as printable().
class OutputLines {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Pass = std::function<void(std::string_view line)>;

    explicit OutputLines(Pass pass) : pass_(std::move(pass)) {}

    void add(std::string_view bytes, Time now);
    /// Passes an unfinished last line and the count of what was dropped: at the worker's end.
    void finish();

private:
    void emit(Time now);
    void tell_dropped();

    Pass pass_;
    std::string line_;
    Time window_start_{};
    std::uint32_t passed_in_window_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace osmia::supervisor
