#include "compression/cpu_usage.h"

#include <cstdio>

namespace compression {

namespace {

constexpr std::chrono::seconds SampleInterval{30};

struct Times {
    unsigned long long busy = 0, total = 0;
};

Times read_times() {
    Times times;
    std::FILE* file = std::fopen("/proc/stat", "re");
    if (file == nullptr) return times;
    unsigned long long value[8] = {};
    const int got = std::fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &value[0], &value[1], &value[2], &value[3],
                                &value[4], &value[5], &value[6], &value[7]);
    std::fclose(file);
    if (got != 8) return times;
    for (const auto part : value) times.total += part;
    times.busy = times.total - value[3] - value[4];  // without idle and waiting for disks
    return times;
}

}  // namespace

bool CpuGate::is_open(unsigned disable, unsigned enable) {
    if (disable >= 100) return true;
    if (disable == 0) return false;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    auto due = next_.load(std::memory_order_relaxed);
    if (now.count() >= due && next_.compare_exchange_strong(due, (now + SampleInterval).count())) {
        const Times times = read_times();
        const auto busy = times.busy - busy_.exchange(times.busy), total = times.total - total_.exchange(times.total);
        const auto percent = total == 0 ? 0 : busy * 100 / total;
        if (percent > disable) closed_ = true;
        else if (percent < enable) closed_ = false;
    }
    return !closed_.load(std::memory_order_relaxed);
}

}  // namespace compression
