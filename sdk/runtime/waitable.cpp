#include "waitable.h"

#include <algorithm>
#include <atomic>

#include "last_error.h"

namespace osmia::win32 {

using Clock = std::chrono::steady_clock;

WaitLock lock_waitables() {
    static std::mutex& mutex = *new std::mutex;
    return WaitLock(mutex);
}

ThreadTag current_thread_tag() {
    static std::atomic<ThreadTag> next{1};
    thread_local const ThreadTag tag = next.fetch_add(1, std::memory_order_relaxed);
    return tag;
}

// A waiter for several objects may find that the one which woke it is not enough, so it never uses up a
// wake-up.
void Waitable::wake_waiters(size_t how_many) {
    for (Waiter* waiter : waiters_) {
        if (waiter->woken) continue;
        if (waiter->for_one && how_many == 0) continue;
        if (waiter->for_one) --how_many;
        waiter->woken = true;
        waiter->wake.notify_one();
    }
}

/// Enters a waiter with its objects for as long as it lives. Made and ended with the lock held.
class Registration {
public:
    Registration(std::span<const std::shared_ptr<Waitable>> objects, Waiter& waiter)
        : objects_(objects), waiter_(waiter) {
        for (const auto& object : objects_) object->waiters_.push_back(&waiter_);
    }
    ~Registration() {
        for (const auto& object : objects_) std::erase(object->waiters_, &waiter_);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    std::span<const std::shared_ptr<Waitable>> objects_;
    Waiter& waiter_;
};

namespace {

std::optional<WaitOutcome> try_any(std::span<const std::shared_ptr<Waitable>> objects) {
    for (size_t index = 0; index < objects.size(); ++index) {
        if (!objects[index]->is_signaled(current_thread_tag())) continue;
        bool abandoned = objects[index]->take(current_thread_tag());
        return WaitOutcome{index, abandoned};
    }
    return std::nullopt;
}

std::optional<WaitOutcome> try_all(std::span<const std::shared_ptr<Waitable>> objects) {
    for (const auto& object : objects) {
        if (!object->is_signaled(current_thread_tag())) return std::nullopt;
    }
    WaitOutcome outcome{0, false};
    for (const auto& object : objects) {
        if (object->take(current_thread_tag())) outcome.abandoned = true;
    }
    return outcome;
}

void sleep_until(WaitLock& lock, Waiter& waiter, std::optional<Clock::time_point> deadline) {
    auto woken = [&waiter] { return waiter.woken; };
    if (deadline) {
        waiter.wake.wait_until(lock, *deadline, woken);
    } else {
        waiter.wake.wait(lock, woken);
    }
    waiter.woken = false;
}

}  // namespace

WaitOutcome wait_for(std::span<const std::shared_ptr<Waitable>> objects, bool all, DWORD milliseconds) {
    std::optional<Clock::time_point> deadline;
    if (milliseconds != INFINITE) deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
    WaitLock lock = lock_waitables();
    std::optional<WaitOutcome> outcome = all ? try_all(objects) : try_any(objects);
    if (outcome || milliseconds == 0) return outcome.value_or(WaitOutcome{});

    Waiter waiter;
    waiter.for_one = objects.size() == 1;
    Registration registration(objects, waiter);
    for (;;) {
        sleep_until(lock, waiter, deadline);
        outcome = all ? try_all(objects) : try_any(objects);
        if (outcome) return *outcome;
        if (deadline && Clock::now() >= *deadline) return WaitOutcome{};
    }
}

namespace {

bool has_duplicates(std::span<const std::shared_ptr<Waitable>> objects) {
    for (size_t index = 1; index < objects.size(); ++index) {
        auto before = objects.first(index);
        if (std::find(before.begin(), before.end(), objects[index]) != before.end()) return true;
    }
    return false;
}

}  // namespace

}  // namespace osmia::win32

using osmia::win32::Waitable;

DWORD WaitForMultipleObjects(DWORD count, const HANDLE* handles, BOOL all, DWORD milliseconds) {
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || !handles) {
        osmia::win32::fail(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    std::vector<std::shared_ptr<Waitable>> objects;
    for (DWORD index = 0; index < count; ++index) {
        objects.push_back(osmia::win32::find_as<Waitable>(handles[index]));
        if (!objects.back()) return WAIT_FAILED;
    }
    if (all && osmia::win32::has_duplicates(objects)) {
        osmia::win32::fail(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    osmia::win32::WaitOutcome outcome = osmia::win32::wait_for(objects, all != FALSE, milliseconds);
    if (!outcome.index) return WAIT_TIMEOUT;
    return (outcome.abandoned ? WAIT_ABANDONED_0 : WAIT_OBJECT_0) + static_cast<DWORD>(*outcome.index);
}

DWORD WaitForMultipleObjectsEx(DWORD count, const HANDLE* handles, BOOL all, DWORD milliseconds, BOOL) {
    return WaitForMultipleObjects(count, handles, all, milliseconds);
}

DWORD WaitForSingleObject(HANDLE object, DWORD milliseconds) {
    return WaitForMultipleObjects(1, &object, FALSE, milliseconds);
}

DWORD WaitForSingleObjectEx(HANDLE object, DWORD milliseconds, BOOL) {
    return WaitForSingleObject(object, milliseconds);
}
