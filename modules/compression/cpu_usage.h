/// \file
/// How busy the machine's processors are, for compression to step back.
#pragma once

#include <atomic>
#include <chrono>

namespace compression {

/// Off above one threshold, on again below another; sampled every 30 s as in IIS. Thread-safe.
class CpuGate {
public:
    /// Percent. A \a disable of 100 never closes it, one of 0 always.
    bool is_open(unsigned disable, unsigned enable);

private:
    std::atomic<std::chrono::steady_clock::rep> next_{0};
    std::atomic<unsigned long long> busy_{0}, total_{0};
    std::atomic<bool> closed_{false};
};

}  // namespace compression
