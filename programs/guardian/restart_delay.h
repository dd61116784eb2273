/// \file
/// How long the guardian waits before it starts the next supervisor.
#pragma once

#include <algorithm>
#include <chrono>

namespace osmia::guardian {

/// A supervisor that lived shorter than this died quickly.
inline constexpr std::chrono::milliseconds QuickDeath{1000};

/// Counts quick deaths in a row. A value; no clock of its own.
class RestartDelay {
public:
    /// The wait after a supervisor that lived for \a lifetime: none after a long life, then 10 ms, 100 ms and 1 s after
    /// the first, second and every further quick death in a row.
    std::chrono::milliseconds after_death(std::chrono::steady_clock::duration lifetime) {
        constexpr int Delays[] = {0, 10, 100, 1000};
        quick_deaths_ = lifetime < QuickDeath ? std::min(quick_deaths_ + 1, 3) : 0;
        return std::chrono::milliseconds(Delays[quick_deaths_]);
    }

private:
    int quick_deaths_ = 0;
};

}  // namespace osmia::guardian
