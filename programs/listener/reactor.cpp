#include "listener/reactor.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>

#include <cerrno>

namespace osmia::listener {

namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

std::int64_t monotonic_us() { return read_clock(CLOCK_MONOTONIC); }
std::int64_t realtime_us() { return read_clock(CLOCK_REALTIME); }

void Timer::disarm() {
    if (next_ == nullptr) return;
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
}

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), now_us_(monotonic_us()) {
    OSMIA_CHECK(bool(epoll_), "epoll_create1");
    wheel_tick_ = now_us_ / TickUs;
    for (Timer& head : wheel_) head.next_ = head.previous_ = &head;
}

Reactor::~Reactor() {
    for (Timer& head : wheel_) {
        while (head.next_ != &head) head.next_->disarm();
        head.next_ = head.previous_ = nullptr;
    }
}

void Reactor::add(BorrowedFd fd, IoHandler* handler, std::uint32_t epoll_events) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.ptr = handler;
    OSMIA_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0, "epoll_ctl add");
}

void Reactor::modify(BorrowedFd fd, IoHandler* handler, std::uint32_t epoll_events) {
    epoll_event event{};
    event.events = epoll_events;
    event.data.ptr = handler;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd.get(), &event);
}

void Reactor::remove(BorrowedFd fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr); }

void Reactor::arm_raw(Timer& timer, void* owner, void (*expire)(void*), std::chrono::milliseconds delay) {
    timer.disarm();
    timer.owner_ = owner;
    timer.expire_ = expire;
    timer.due_us_ = now_us_ + delay.count() * 1000;
    link(timer);
}

void Reactor::link(Timer& timer) {
    // Further away than the wheel reaches: wait in the farthest slot and be linked again from there.
    const std::int64_t tick = std::min(timer.due_us_ / TickUs + 1, wheel_tick_ + static_cast<std::int64_t>(WheelSlots) - 1);
    Timer& head = wheel_[static_cast<std::size_t>(std::max(tick, wheel_tick_ + 1)) % WheelSlots];
    timer.next_ = &head;
    timer.previous_ = head.previous_;
    head.previous_->next_ = &timer;
    head.previous_ = &timer;
}

void Reactor::advance_wheel() {
    const std::int64_t now_tick = now_us_ / TickUs;
    while (wheel_tick_ < now_tick) {
        ++wheel_tick_;
        Timer& head = wheel_[static_cast<std::size_t>(wheel_tick_) % WheelSlots];
        // Expired owners may arm and disarm anything, so take one at a time from the front.
        Timer* const last = head.previous_;
        for (bool more = head.next_ != &head; more;) {
            Timer& timer = *head.next_;
            more = &timer != last;
            timer.disarm();
            if (timer.due_us_ > now_us_) link(timer);
            else timer.expire_(timer.owner_);
            if (head.next_ == &head) break;
        }
    }
}

void Reactor::wait(long long limit_ns) {
    std::array<epoll_event, 256> events;
    const long long until_tick = ((wheel_tick_ + 1) * TickUs - monotonic_us()) * 1000;
    const long long wait_ns = std::max(0LL, limit_ns < 0 ? until_tick : std::min(limit_ns, until_tick));
    const timespec limit{static_cast<time_t>(wait_ns / 1'000'000'000), static_cast<long>(wait_ns % 1'000'000'000)};
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &limit, nullptr);
    now_us_ = monotonic_us();
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        static_cast<IoHandler*>(event.data.ptr)->on_io(event.events);
    }
}

void Reactor::run(const std::function<long long()>& end_of_turn) {
    long long limit_ns = 0;
    while (!stopping_) {
        wait(limit_ns);
        advance_wheel();
        limit_ns = end_of_turn();
        retired_.clear();
    }
}

}  // namespace osmia::listener
