#include "guardian/restart_delay.h"

#include <gtest/gtest.h>

namespace osmia::guardian {
namespace {

using std::chrono::milliseconds;

TEST(RestartDelay, GrowsWithQuickDeathsAndForgetsThemAfterALongLife) {
    RestartDelay delay;
    EXPECT_EQ(delay.after_death(QuickDeath), milliseconds(0));
    EXPECT_EQ(delay.after_death(QuickDeath - milliseconds(1)), milliseconds(10));
    EXPECT_EQ(delay.after_death(milliseconds(5)), milliseconds(100));
    EXPECT_EQ(delay.after_death(milliseconds(5)), milliseconds(1000));
    EXPECT_EQ(delay.after_death(milliseconds(5)), milliseconds(1000));
    EXPECT_EQ(delay.after_death(QuickDeath), milliseconds(0));
    EXPECT_EQ(delay.after_death(milliseconds(5)), milliseconds(10));
}

}  // namespace
}  // namespace osmia::guardian
