/// \file
/// Counts what only an attacker sends often.
#pragma once

#include <array>
#include <cstdint>

#include "http2/limits.h"

namespace osmia::http2 {

/// What a client may send too much of.
enum class Flood : std::uint8_t { None, Resets, Control, EmptyFrames, WindowUpdates, Continuations, Count };

/// One connection's buckets. Time is the caller's, in microseconds.
class FloodGuard {
public:
    explicit FloodGuard(const Limits& limits);
    /// Takes a token; false when there is none.
    bool take(Flood what, std::int64_t now_us);
    /// Adds tokens that our own sending makes legitimate.
    void allow(Flood what, std::uint32_t tokens);

private:
    static constexpr std::int64_t Scale = 1'000'000;
    struct Bucket {
        Rate rate{};
        std::int64_t level = 0;    ///< millionths of tokens
        std::int64_t filled_us = 0;
    };
    std::array<Bucket, static_cast<std::size_t>(Flood::Count)> buckets_;
};

}  // namespace osmia::http2
