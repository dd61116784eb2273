/// \file
/// Events and semaphores.
#include <limits>

#include "last_error.h"
#include "named_objects.h"
#include "unicode.h"

namespace osmia::win32 {

namespace {

constexpr size_t kEverybody = std::numeric_limits<size_t>::max();

class Event : public Waitable {
public:
    Event(bool manual_reset, bool signaled) : manual_reset_(manual_reset), signaled_(signaled) {}

    bool is_signaled(ThreadTag) const override { return signaled_; }
    bool take(ThreadTag) override {
        if (!manual_reset_) signaled_ = false;
        return false;
    }
    void set() {
        signaled_ = true;
        wake_waiters(manual_reset_ ? kEverybody : 1);
    }
    void reset() { signaled_ = false; }

private:
    const bool manual_reset_;
    bool signaled_;
};

class Semaphore : public Waitable {
public:
    Semaphore(LONG count, LONG maximum) : count_(count), maximum_(maximum) {}

    bool is_signaled(ThreadTag) const override { return count_ > 0; }
    bool take(ThreadTag) override {
        --count_;
        return false;
    }
    /// The previous count, or -1 when the maximum would be passed.
    LONG release(LONG how_many) {
        if (how_many > maximum_ - count_) return -1;
        LONG previous = count_;
        count_ += how_many;
        wake_waiters(static_cast<size_t>(how_many));
        return previous;
    }

private:
    LONG count_;
    const LONG maximum_;
};

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

HANDLE CreateEventA(LPSECURITY_ATTRIBUTES, BOOL manual_reset, BOOL initial_state, LPCSTR name) {
    return create_named<Event>(
        name, [=] { return std::make_shared<Event>(manual_reset != FALSE, initial_state != FALSE); });
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset, BOOL initial_state, LPCWSTR name) {
    return CreateEventA(attributes, manual_reset, initial_state, name ? utf8(name).c_str() : nullptr);
}

BOOL SetEvent(HANDLE handle) {
    auto event = find_as<Event>(handle);
    if (!event) return FALSE;
    WaitLock lock = lock_waitables();
    event->set();
    return TRUE;
}

BOOL ResetEvent(HANDLE handle) {
    auto event = find_as<Event>(handle);
    if (!event) return FALSE;
    WaitLock lock = lock_waitables();
    event->reset();
    return TRUE;
}

HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES, LONG initial_count, LONG maximum_count, LPCSTR name) {
    if (initial_count < 0 || maximum_count <= 0 || initial_count > maximum_count) {
        fail(ERROR_INVALID_PARAMETER);
        return nullptr;
    }
    return create_named<Semaphore>(name,
                                   [=] { return std::make_shared<Semaphore>(initial_count, maximum_count); });
}

HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial_count, LONG maximum_count,
                        LPCWSTR name) {
    return CreateSemaphoreA(attributes, initial_count, maximum_count, name ? utf8(name).c_str() : nullptr);
}

BOOL ReleaseSemaphore(HANDLE handle, LONG release_count, LONG* previous_count) {
    auto semaphore = find_as<Semaphore>(handle);
    if (!semaphore) return FALSE;
    if (release_count <= 0) return fail(ERROR_INVALID_PARAMETER);
    WaitLock lock = lock_waitables();
    LONG previous = semaphore->release(release_count);
    if (previous < 0) return fail(ERROR_TOO_MANY_POSTS);
    if (previous_count) *previous_count = previous;
    return TRUE;
}
