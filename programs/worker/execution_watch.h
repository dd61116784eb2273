/// \file
/// executionTimeout: finds requests that run longer than their application allows.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace osmia::worker {

/// Deadlines of the requests that have one. Thread-safe.
class ExecutionWatch {
public:
    using Clock = std::chrono::steady_clock;

    /// A request, and the thread that began it.
    struct Overdue {
        std::string request_id;
        pid_t thread = 0;
    };

    /// For the calling thread. Returns a ticket for end().
    std::uint64_t begin(Clock::time_point deadline, std::string request_id);
    void end(std::uint64_t ticket);
    /// A request whose deadline has passed at \a now.
    std::optional<Overdue> overdue(Clock::time_point now) const;
    /// The next deadline; nothing when no request has one.
    std::optional<Clock::time_point> next() const;

private:
    struct Entry {
        Clock::time_point deadline;
        Overdue request;
    };
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Entry> entries_;
    std::uint64_t next_ = 1;
};

}  // namespace osmia::worker
