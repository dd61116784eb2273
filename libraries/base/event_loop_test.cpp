#include "base/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace osmia {
namespace {

TEST(EventLoop, RunsTimersInOrderAndNotCancelledOnes) {
    EventLoop loop;
    std::vector<int> order;
    loop.after(std::chrono::milliseconds(2), [&] { order.push_back(2); loop.stop(); });
    loop.after(std::chrono::milliseconds(1), [&] { order.push_back(1); });
    loop.cancel(loop.after(std::chrono::milliseconds(1), [&] { order.push_back(9); }));
    loop.run();
    EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(EventLoop, ACallbackMayRemoveItself) {
    EventLoop loop;
    UniqueFd fd(::eventfd(1, EFD_CLOEXEC));
    int calls = 0;
    loop.add(fd, EPOLLIN, [&](std::uint32_t) { ++calls; loop.remove(fd); });
    loop.run_once(std::chrono::milliseconds(0));
    loop.run_once(std::chrono::milliseconds(0));
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace osmia
