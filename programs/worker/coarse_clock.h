/// \file
/// The time for what need not be exact: a few milliseconds old, at a fifth of the price.
#pragma once

#include <time.h>

#include <chrono>

namespace osmia::worker {

/// steady_clock's time as of the kernel's last tick.
inline std::chrono::steady_clock::time_point coarse_now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace osmia::worker
