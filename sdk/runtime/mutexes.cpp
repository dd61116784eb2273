/// \file
/// Mutexes: owned by a thread, recursive, abandoned when the owner ends.
#include "mutexes.h"

#include <utility>

#include "last_error.h"
#include "named_objects.h"
#include "unicode.h"

namespace osmia::win32 {

namespace {

class Mutex;

/// The mutexes that a thread owns, so that its end can abandon them.
struct OwnedMutexes {
    std::vector<std::shared_ptr<Mutex>> mutexes;
    ~OwnedMutexes() { abandon_all(); }
    void abandon_all();
};
thread_local OwnedMutexes owned;

class Mutex : public Waitable, public std::enable_shared_from_this<Mutex> {
public:
    bool is_signaled(ThreadTag thread) const override { return owner_ == 0 || owner_ == thread; }

    bool take(ThreadTag thread) override {
        if (depth_++ == 0) {
            owner_ = thread;
            owned.mutexes.push_back(shared_from_this());
        }
        return std::exchange(abandoned_, false);
    }

    bool release(ThreadTag thread) {
        if (owner_ != thread || depth_ == 0) return false;
        if (--depth_ > 0) return true;
        std::erase(owned.mutexes, shared_from_this());
        owner_ = 0;
        wake_waiters(1);
        return true;
    }

    void abandon() {
        depth_ = 0;
        owner_ = 0;
        abandoned_ = true;
        wake_waiters(1);
    }

private:
    ThreadTag owner_ = 0;
    size_t depth_ = 0;
    bool abandoned_ = false;
};

void OwnedMutexes::abandon_all() {
    if (mutexes.empty()) return;
    WaitLock lock = lock_waitables();
    for (const auto& mutex : mutexes) mutex->abandon();
    mutexes.clear();
}

}  // namespace

void abandon_owned_mutexes() {
    owned.abandon_all();
}

}  // namespace osmia::win32

using namespace osmia::win32;

HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES, BOOL initial_owner, LPCSTR name) {
    return create_named<Mutex>(name, [=] {
        auto mutex = std::make_shared<Mutex>();
        if (initial_owner) {
            WaitLock lock = lock_waitables();
            mutex->take(current_thread_tag());
        }
        return mutex;
    });
}

HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCWSTR name) {
    return CreateMutexA(attributes, initial_owner, name ? utf8(name).c_str() : nullptr);
}

BOOL ReleaseMutex(HANDLE handle) {
    auto mutex = find_as<Mutex>(handle);
    if (!mutex) return FALSE;
    WaitLock lock = lock_waitables();
    return mutex->release(current_thread_tag()) ? TRUE : fail(ERROR_NOT_OWNER);
}
