/// \file
/// EventLoop: epoll, timers and nothing else. For the main threads of the supervisor, the guardian and the worker; the
/// listener's reactors have a loop of their own (programs/listener/reactor.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia {

/// Runs callbacks when descriptors are ready or times have come. One thread; not synchronised. A callback may add or
/// remove any descriptor or timer, its own included.
class EventLoop {
public:
    using Clock = std::chrono::steady_clock;
    using FdCallback = std::function<void(std::uint32_t epoll_events)>;
    using TimerId = std::uint64_t;

    EventLoop();

    /// Watches \a fd for \a epoll_events (EPOLLIN, EPOLLOUT, ...) until remove(). The descriptor stays the caller's.
    void add(BorrowedFd fd, std::uint32_t epoll_events, FdCallback callback);
    void modify(BorrowedFd fd, std::uint32_t epoll_events);
    void remove(BorrowedFd fd);

    /// Runs \a callback once at \a when. The id is never reused.
    TimerId at(Clock::time_point when, std::function<void()> callback);
    TimerId after(Clock::duration delay, std::function<void()> callback) { return at(Clock::now() + delay, std::move(callback)); }
    void cancel(TimerId id);

    /// Runs until stop(). run_once() waits at most \a limit for one batch.
    void run();
    void run_once(Clock::duration limit);
    void stop() { stopping_ = true; }

private:
    int next_timeout_ms(Clock::duration limit) const;
    void run_due_timers();

    struct Watch {
        FdCallback callback;
        std::uint64_t serial;
    };

    UniqueFd epoll_;
    std::unordered_map<int, std::shared_ptr<Watch>> watches_;
    std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> timers_;
    std::unordered_map<TimerId, Clock::time_point> timer_times_;
    TimerId next_timer_ = 1;
    std::uint64_t next_serial_ = 1;
    bool stopping_ = false;
};

}  // namespace osmia
