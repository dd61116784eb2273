/// \file
/// Objects that a thread can wait for, and the wait itself.
///
/// One lock guards the state of all waitable objects, because a wait for several of them has to see and take
/// all at one moment.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "handles.h"

namespace osmia::win32 {

class Waitable;

/// One waiting thread, known to every object that it waits for.
struct Waiter {
    std::condition_variable wake;
    bool woken = false;   ///< told to look again, and has not yet
    bool for_one = true;  ///< waits for a single object
};

/// The lock of all waitable objects' state.
using WaitLock = std::unique_lock<std::mutex>;
WaitLock lock_waitables();

/// The calling thread, as an owner of mutexes: unlike a thread id it is never used again.
using ThreadTag = ULONGLONG;
ThreadTag current_thread_tag();

/// Base of events, semaphores, mutexes and threads. Every member function is called with the lock held.
class Waitable : public Object {
public:
    virtual bool is_signaled(ThreadTag thread) const = 0;
    /// Takes the signal: resets an automatic event, counts a semaphore down, makes the thread the mutex's
    /// owner. Returns true when a mutex's previous owner had ended without releasing it.
    virtual bool take(ThreadTag) { return false; }

protected:
    /// To be called when the object becomes signaled: wakes as many threads as can get through, at least.
    void wake_waiters(size_t how_many);

private:
    friend class Registration;
    std::vector<Waiter*> waiters_;
};

/// How a wait ended.
struct WaitOutcome {
    std::optional<size_t>
        index;  ///< the object that ended it (0 when waiting for all); empty: the time passed
    bool abandoned = false;
};

/// Waits for one or all of the objects, at most \a milliseconds (INFINITE: without limit). The objects must
/// outlive the call.
WaitOutcome wait_for(std::span<const std::shared_ptr<Waitable>> objects, bool all, DWORD milliseconds);

}  // namespace osmia::win32
