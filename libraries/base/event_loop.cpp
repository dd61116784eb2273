#include "base/event_loop.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace osmia {

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { OSMIA_CHECK(bool(epoll_), "epoll_create1"); }

void EventLoop::add(BorrowedFd fd, std::uint32_t epoll_events, FdCallback callback) {
    watches_[fd.get()] = std::make_shared<Watch>(Watch{std::move(callback), next_serial_++});
    epoll_event event{};
    event.events = epoll_events;
    event.data.fd = fd.get();
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) {
        OSMIA_CHECK(errno == EEXIST, "epoll_ctl add");
        OSMIA_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd.get(), &event) == 0, "epoll_ctl modify");
    }
}

void EventLoop::modify(BorrowedFd fd, std::uint32_t epoll_events) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.fd = fd.get();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd.get(), &event);
}

void EventLoop::remove(BorrowedFd fd) {
    if (watches_.erase(fd.get()) != 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr);
}

EventLoop::TimerId EventLoop::at(Clock::time_point when, std::function<void()> callback) {
    const TimerId id = next_timer_++;
    timers_.emplace(std::pair(when, id), std::move(callback));
    timer_times_.emplace(id, when);
    return id;
}

void EventLoop::cancel(TimerId id) {
    const auto found = timer_times_.find(id);
    if (found == timer_times_.end()) return;
    timers_.erase({found->second, id});
    timer_times_.erase(found);
}

int EventLoop::next_timeout_ms(Clock::duration limit) const {
    auto wait = limit;
    if (!timers_.empty()) wait = std::min(wait, timers_.begin()->first.first - Clock::now());
    if (wait <= Clock::duration::zero()) return 0;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void EventLoop::run_due_timers() {
    const auto now = Clock::now();
    while (!timers_.empty() && timers_.begin()->first.first <= now && !stopping_) {
        auto node = timers_.extract(timers_.begin());
        timer_times_.erase(node.key().second);
        node.mapped()();
    }
}

void EventLoop::run_once(Clock::duration limit) {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), next_timeout_ms(limit));
    // A callback may remove a watch and add another with the same number: the serial tells them apart.
    const std::uint64_t last_serial = next_serial_;
    for (int i = 0; i < count && !stopping_; ++i) {
        const auto found = watches_.find(events[static_cast<std::size_t>(i)].data.fd);
        if (found == watches_.end() || found->second->serial >= last_serial) continue;
        const auto keep_alive = found->second;
        keep_alive->callback(events[static_cast<std::size_t>(i)].events);
    }
    run_due_timers();
}

void EventLoop::run() {
    stopping_ = false;
    while (!stopping_) run_once(std::chrono::hours(1));
}

}  // namespace osmia
