/// \file
/// Rapid-fail protection: how many failures of a pool's workers fall into one interval.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace osmia::supervisor {

/// Counts failures within a sliding interval (failure/@rapidFailProtectionMaxCrashes within
/// @rapidFailProtectionInterval). A value; no clock of its own.
class FailureWindow {
public:
    using Time = std::chrono::steady_clock::time_point;

    FailureWindow() = default;
    FailureWindow(std::uint32_t max_failures, std::chrono::steady_clock::duration interval)
        : max_failures_(max_failures), interval_(interval) {}

    /// Counts a failure at \a now; true when it is the max_failures-th within the interval.
    bool add(Time now) {
        failures_.push_back(now);
        while (failures_.front() + interval_ <= now) failures_.pop_front();
        return failures_.size() >= max_failures_;
    }
    void clear() { failures_.clear(); }
    std::size_t count() const { return failures_.size(); }

private:
    std::uint32_t max_failures_ = 5;
    std::chrono::steady_clock::duration interval_ = std::chrono::minutes(5);
    std::deque<Time> failures_;
};

}  // namespace osmia::supervisor
