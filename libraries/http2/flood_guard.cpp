#include "http2/flood_guard.h"

#include <algorithm>

namespace osmia::http2 {

FloodGuard::FloodGuard(const Limits& limits) {
    const auto fill = [this](Flood what, Rate rate) { buckets_[static_cast<std::size_t>(what)] = {rate, rate.burst * Scale, 0}; };
    fill(Flood::Resets, limits.resets);
    fill(Flood::Control, limits.control);
    fill(Flood::EmptyFrames, limits.empty_frames);
    fill(Flood::WindowUpdates, limits.window_updates);
}

bool FloodGuard::take(Flood what, std::int64_t now_us) {
    Bucket& bucket = buckets_[static_cast<std::size_t>(what)];
    if (bucket.filled_us == 0) bucket.filled_us = now_us;
    const std::int64_t full = std::max<std::int64_t>(bucket.level, bucket.rate.burst * Scale);
    // An hour fills any bucket.
    const std::int64_t passed = std::clamp<std::int64_t>(now_us - bucket.filled_us, 0, 3'600'000'000);
    bucket.level = std::min(full, bucket.level + passed * bucket.rate.per_second);
    bucket.filled_us = std::max(bucket.filled_us, now_us);
    if (bucket.level < Scale) return false;
    bucket.level -= Scale;
    return true;
}

void FloodGuard::allow(Flood what, std::uint32_t tokens) {
    Bucket& bucket = buckets_[static_cast<std::size_t>(what)];
    // At most what a thousand frames earn: an allowance is not saved up for ever.
    bucket.level = std::min<std::int64_t>(bucket.level + tokens * Scale, (bucket.rate.burst + 2000) * Scale);
}

}  // namespace osmia::http2
