#include "worker/execution_watch.h"

#include <unistd.h>

namespace osmia::worker {

std::uint64_t ExecutionWatch::begin(Clock::time_point deadline, std::string request_id) {
    const std::lock_guard lock(mutex_);
    entries_.emplace(next_, Entry{deadline, {std::move(request_id), ::gettid()}});
    return next_++;
}

void ExecutionWatch::end(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    entries_.erase(ticket);
}

std::optional<ExecutionWatch::Clock::time_point> ExecutionWatch::next() const {
    const std::lock_guard lock(mutex_);
    std::optional<Clock::time_point> first;
    for (const auto& [ticket, entry] : entries_) {
        if (!first || entry.deadline < *first) first = entry.deadline;
    }
    return first;
}

std::optional<ExecutionWatch::Overdue> ExecutionWatch::overdue(Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [ticket, entry] : entries_) {
        if (entry.deadline <= now) return entry.request;
    }
    return std::nullopt;
}

}  // namespace osmia::worker
