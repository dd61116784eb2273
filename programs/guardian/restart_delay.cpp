#include "guardian/restart_delay.h"

#include <algorithm>
#include <array>

namespace osmia::guardian {

std::chrono::milliseconds RestartDelay::after_death(std::chrono::steady_clock::duration lifetime) {
    using std::chrono::milliseconds;
    constexpr std::array Delays{milliseconds(0), milliseconds(10), milliseconds(100), milliseconds(1000)};
    quick_deaths_ = lifetime < QuickDeath ? std::min<int>(quick_deaths_ + 1, Delays.size() - 1) : 0;
    return Delays[static_cast<std::size_t>(quick_deaths_)];
}

}  // namespace osmia::guardian
