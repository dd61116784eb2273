#include "http2/flood_guard.h"

#include <gtest/gtest.h>

namespace osmia::http2 {
namespace {

constexpr std::int64_t Second = 1'000'000;

TEST(FloodGuard, AllowsTheBurstAndNotOneMore) {
    Limits limits;
    limits.control = {5, 1};
    FloodGuard guard(limits);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(guard.take(Flood::Control, 10 * Second)) << i;
    EXPECT_FALSE(guard.take(Flood::Control, 10 * Second));
    EXPECT_TRUE(guard.take(Flood::Resets, 10 * Second)) << "each has a bucket of its own";
}

TEST(FloodGuard, FillsWithTimeAndNoFurtherThanTheBurst) {
    Limits limits;
    limits.resets = {2, 4};
    FloodGuard guard(limits);
    EXPECT_TRUE(guard.take(Flood::Resets, Second));
    EXPECT_TRUE(guard.take(Flood::Resets, Second));
    EXPECT_FALSE(guard.take(Flood::Resets, Second));
    EXPECT_TRUE(guard.take(Flood::Resets, Second + Second / 4));
    EXPECT_FALSE(guard.take(Flood::Resets, Second + Second / 4));
    EXPECT_TRUE(guard.take(Flood::Resets, 1000 * Second));
    EXPECT_TRUE(guard.take(Flood::Resets, 1000 * Second));
    EXPECT_FALSE(guard.take(Flood::Resets, 1000 * Second));
}

TEST(FloodGuard, AClockThatStandsOrGoesBackGivesNothing) {
    Limits limits;
    limits.control = {1, 1000};
    FloodGuard guard(limits);
    EXPECT_TRUE(guard.take(Flood::Control, 5 * Second));
    EXPECT_FALSE(guard.take(Flood::Control, 5 * Second));
    EXPECT_FALSE(guard.take(Flood::Control, 1 * Second));
}

TEST(FloodGuard, SendingEarnsWindowUpdatesUpToALimit) {
    Limits limits;
    limits.window_updates = {1, 0};
    FloodGuard guard(limits);
    guard.allow(Flood::WindowUpdates, 2);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(guard.take(Flood::WindowUpdates, Second));
    EXPECT_FALSE(guard.take(Flood::WindowUpdates, Second));
    for (int i = 0; i < 5000; ++i) guard.allow(Flood::WindowUpdates, 2);
    int taken = 0;
    while (guard.take(Flood::WindowUpdates, Second)) ++taken;
    EXPECT_EQ(taken, 2001);
}

}  // namespace
}  // namespace osmia::http2
