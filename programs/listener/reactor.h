/// \file
/// The listener's event loop: edge-triggered epoll, a timer wheel, and a place for work at the end of each turn.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::listener {

/// Something with a descriptor in the reactor. Deleted only through Reactor::retire(), at the end of a turn, so that
/// events of the same batch never meet a dangling handler.
class IoHandler {
public:
    virtual ~IoHandler() = default;
    /// \a events are epoll's. Not called after Reactor::remove().
    virtual void on_io(std::uint32_t events) = 0;
};

/// A deadline in the wheel; belongs to its owner, which must outlive its being armed (the destructor disarms).
class Timer {
public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { disarm(); }
    void disarm();
    bool is_armed() const { return next_ != nullptr; }

private:
    friend class Reactor;
    Timer* next_ = nullptr;
    Timer* previous_ = nullptr;
    std::int64_t due_us_ = 0;
    void (*expire_)(void*) = nullptr;
    void* owner_ = nullptr;
};

/// Monotonic microseconds.
std::int64_t monotonic_us();
std::int64_t realtime_us();

/// One thread's loop. Not synchronised, but for wake().
class Reactor {
public:
    Reactor();
    ~Reactor();

    void add(BorrowedFd fd, IoHandler* handler, std::uint32_t epoll_events);
    void modify(BorrowedFd fd, IoHandler* handler, std::uint32_t epoll_events);
    void remove(BorrowedFd fd);
    /// Deletes the handler after the current batch of events.
    void retire(std::unique_ptr<IoHandler> handler) { retired_.push_back(std::move(handler)); }

    /// Calls Owner::method after at least \a delay; resolution a quarter of a second. Re-arming replaces.
    template <auto Method, class Owner>
    void arm(Timer& timer, Owner* owner, std::chrono::milliseconds delay) {
        arm_raw(timer, owner, [](void* self) { (static_cast<Owner*>(self)->*Method)(); }, delay);
    }

    /// The time at the start of this turn.
    std::int64_t now_us() const { return now_us_; }

    /// Runs turns until stop(). Each turn: wait, events, timers, \a end_of_turn. It returns the longest time to sleep
    /// in nanoseconds (negative: as long as it takes) and is responsible for noticing work that came meanwhile.
    void run(const std::function<long long()>& end_of_turn);
    void stop() { stopping_ = true; }

    /// A buffer of 64 KiB for whoever reads right now.
    std::array<char, 65536>& scratch() { return scratch_; }

private:
    static constexpr std::size_t WheelSlots = 1024;
    static constexpr std::int64_t TickUs = 250'000;

    void arm_raw(Timer& timer, void* owner, void (*expire)(void*), std::chrono::milliseconds delay);
    void link(Timer& timer);
    void advance_wheel();
    void wait(long long limit_ns);

    UniqueFd epoll_;
    std::array<Timer, WheelSlots> wheel_;
    std::int64_t wheel_tick_;
    std::int64_t now_us_;
    std::vector<std::unique_ptr<IoHandler>> retired_;
    std::array<char, 65536> scratch_;
    bool stopping_ = false;
};

}  // namespace osmia::listener
