#include "worker/execution_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace osmia::worker {
namespace {

using std::chrono::milliseconds;

TEST(ExecutionWatch, FindsARequestAtItsDeadlineAndNotBefore) {
    ExecutionWatch watch;
    const auto start = ExecutionWatch::Clock::time_point{};
    watch.begin(start + milliseconds(10), "slow");
    EXPECT_FALSE(watch.overdue(start + milliseconds(9)).has_value());
    const auto overdue = watch.overdue(start + milliseconds(10));
    ASSERT_TRUE(overdue.has_value());
    EXPECT_EQ(overdue->request_id, "slow");
    EXPECT_EQ(overdue->thread, ::gettid());
}

TEST(ExecutionWatch, ForgetsWhatHasEnded) {
    ExecutionWatch watch;
    const auto start = ExecutionWatch::Clock::time_point{};
    const auto ticket = watch.begin(start, "done");
    watch.end(ticket);
    EXPECT_FALSE(watch.overdue(start + milliseconds(1)).has_value());
}

}  // namespace
}  // namespace osmia::worker
