/// \file
/// How many bytes a second may go out: of one site, or of the whole listener.
#pragma once

#include <algorithm>
#include <cstdint>

namespace osmia::listener {

/// maxBandwidth without a limit.
inline constexpr std::uint32_t UnlimitedBandwidth = 0xffffffff;

/// A bucket that fills with the rate and holds half a second of it. Not synchronised.
class Bandwidth {
public:
    void set_rate(std::uint32_t bytes_per_second) { rate_ = bytes_per_second; }
    bool is_limited() const { return rate_ != UnlimitedBandwidth; }
    /// Bytes that may go out now.
    std::uint64_t allowance(std::int64_t now_us) {
        if (!is_limited()) return ~std::uint64_t{0};
        const std::int64_t capacity = std::int64_t{rate_} * HalfSecondUs;
        if (filled_us_ != 0) byte_us_ += std::min((now_us - filled_us_), 2 * HalfSecondUs) * rate_;
        else byte_us_ = capacity;
        byte_us_ = std::min(byte_us_, capacity);
        filled_us_ = now_us;
        return static_cast<std::uint64_t>(byte_us_ / 1'000'000);
    }
    void spend(std::uint64_t bytes) {
        if (is_limited()) byte_us_ -= static_cast<std::int64_t>(bytes) * 1'000'000;
    }

private:
    static constexpr std::int64_t HalfSecondUs = 500'000;
    std::uint32_t rate_ = UnlimitedBandwidth;
    std::int64_t byte_us_ = 0;  ///< bytes times a million, so that small rates lose nothing to rounding
    std::int64_t filled_us_ = 0;
};

}  // namespace osmia::listener
