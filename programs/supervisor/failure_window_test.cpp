#include "supervisor/failure_window.h"

#include <gtest/gtest.h>

namespace osmia::supervisor {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
const FailureWindow::Time Start{};

TEST(FailureWindow, TripsAtTheLimitAndNotBefore) {
    FailureWindow window;
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(window.add(Start + seconds(i)));
    EXPECT_TRUE(window.add(Start + seconds(4)));
    EXPECT_TRUE(window.add(Start + seconds(5))) << "one past the limit";
}

TEST(FailureWindow, ForgetsFailuresOlderThanTheInterval) {
    FailureWindow window(2, minutes(5));
    EXPECT_FALSE(window.add(Start));
    EXPECT_FALSE(window.add(Start + minutes(5))) << "exactly one interval later the first has left";
    EXPECT_TRUE(window.add(Start + minutes(10) - seconds(1)));
}

TEST(FailureWindow, StartsAnewWhenCleared) {
    FailureWindow window(2, minutes(5));
    window.add(Start);
    window.clear();
    EXPECT_FALSE(window.add(Start));
}

TEST(FailureWindow, ALimitOfOneTripsAtOnce) { EXPECT_TRUE(FailureWindow(1, minutes(5)).add(Start)); }

}  // namespace
}  // namespace osmia::supervisor
