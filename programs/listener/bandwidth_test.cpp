#include "listener/bandwidth.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

constexpr std::int64_t Second = 1'000'000;

TEST(Bandwidth, HoldsHalfASecondAndFillsWithItsRate) {
    Bandwidth bandwidth;
    bandwidth.set_rate(1000);
    EXPECT_EQ(bandwidth.allowance(10 * Second), 500u);
    bandwidth.spend(500);
    EXPECT_EQ(bandwidth.allowance(10 * Second), 0u);
    EXPECT_EQ(bandwidth.allowance(10 * Second + Second / 4), 250u);
    EXPECT_EQ(bandwidth.allowance(20 * Second), 500u);
}

TEST(Bandwidth, LosesNothingToRounding) {
    Bandwidth bandwidth;
    bandwidth.set_rate(1024);
    std::int64_t now = Second;
    bandwidth.spend(bandwidth.allowance(now));
    std::uint64_t sent = 0;
    for (int i = 0; i < 100'000; ++i) {
        now += 100;
        const auto bytes = bandwidth.allowance(now);
        bandwidth.spend(bytes);
        sent += bytes;
    }
    EXPECT_EQ(sent, 10'240u);
}

TEST(Bandwidth, WithoutALimitThereIsAlwaysRoom) {
    Bandwidth bandwidth;
    bandwidth.spend(1'000'000);
    EXPECT_FALSE(bandwidth.is_limited());
    EXPECT_EQ(bandwidth.allowance(1), ~std::uint64_t{0});
    bandwidth.set_rate(0xfffffffe);
    EXPECT_EQ(bandwidth.allowance(Second), 0xfffffffeu / 2);
}

}  // namespace
}  // namespace osmia::listener
