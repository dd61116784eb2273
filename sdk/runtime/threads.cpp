/// \file
/// Threads: a waitable object that outlives the pthread, and the pthread, which is detached.
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <limits>

#include "last_error.h"
#include "modules.h"
#include "mutexes.h"
#include "waitable.h"

namespace osmia::win32 {

namespace {

// A request for less is raised to this: sources written for Windows ask for stacks that hold no glibc
// function.
constexpr size_t kSmallestStack = 256 * 1024;

class Thread : public Waitable {
public:
    Thread(LPTHREAD_START_ROUTINE start, LPVOID parameter, bool suspended)
        : start_(start), parameter_(parameter), suspend_count_(suspended ? 1 : 0) {}

    bool is_signaled(ThreadTag) const override { return finished_; }
    DWORD run() { return start_(parameter_); }

    void wait_until_resumed() {
        WaitLock lock = lock_waitables();
        resumed_.wait(lock, [this] { return suspend_count_ == 0; });
    }
    DWORD resume() {
        WaitLock lock = lock_waitables();
        DWORD previous = suspend_count_;
        if (suspend_count_ > 0) --suspend_count_;
        resumed_.notify_one();
        return previous;
    }

    void announce(DWORD id) {
        WaitLock lock = lock_waitables();
        id_ = id;
        announced_.notify_one();
    }
    DWORD wait_for_id() {
        WaitLock lock = lock_waitables();
        announced_.wait(lock, [this] { return id_ != 0; });
        return id_;
    }

    void finish(DWORD exit_code) {
        WaitLock lock = lock_waitables();
        exit_code_ = exit_code;
        finished_ = true;
        wake_waiters(std::numeric_limits<size_t>::max());
    }
    DWORD exit_code() const {
        WaitLock lock = lock_waitables();
        return finished_ ? exit_code_ : STILL_ACTIVE;
    }

private:
    const LPTHREAD_START_ROUTINE start_;
    const LPVOID parameter_;
    std::condition_variable resumed_;
    std::condition_variable announced_;
    DWORD suspend_count_;
    DWORD id_ = 0;
    DWORD exit_code_ = 0;
    bool finished_ = false;
};

thread_local DWORD exit_code_of_this_thread = 0;

/// Marks the thread as finished however it ends: by returning, by ExitThread, which unwinds, or by
/// pthread_exit.
class Finisher {
public:
    explicit Finisher(std::shared_ptr<Thread> thread) : thread_(std::move(thread)) {}
    ~Finisher() {
        abandon_owned_mutexes();
        thread_->finish(exit_code_of_this_thread);
    }
    Finisher(const Finisher&) = delete;
    Finisher& operator=(const Finisher&) = delete;
    Thread& thread() { return *thread_; }

private:
    std::shared_ptr<Thread> thread_;
};

void* thread_main(void* argument) {
    auto* handed_over = static_cast<std::shared_ptr<Thread>*>(argument);
    Finisher finisher(std::move(*handed_over));
    delete handed_over;
    finisher.thread().announce(GetCurrentThreadId());
    finisher.thread().wait_until_resumed();
    exit_code_of_this_thread = finisher.thread().run();
    return nullptr;
}

int start_pthread(std::shared_ptr<Thread> thread, size_t stack_size) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack_size != 0) {
        auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        size_t rounded = (std::max(stack_size, kSmallestStack) + page - 1) / page * page;
        pthread_attr_setstacksize(&attributes, rounded);
    }
    auto* handed_over = new std::shared_ptr<Thread>(std::move(thread));
    pthread_t id;
    int error = pthread_create(&id, &attributes, thread_main, handed_over);
    if (error != 0) delete handed_over;
    pthread_attr_destroy(&attributes);
    return error;
}

HANDLE create_thread(SIZE_T stack_size, LPTHREAD_START_ROUTINE start, LPVOID parameter, DWORD flags,
                     LPDWORD id) {
    if (!start || (flags & ~DWORD{CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION}) != 0) {
        fail(ERROR_INVALID_PARAMETER);
        return nullptr;
    }
    auto thread = std::make_shared<Thread>(start, parameter, (flags & CREATE_SUSPENDED) != 0);
    HANDLE handle = open_handle(thread);
    if (!handle) return nullptr;
    if (start_pthread(thread, stack_size) != 0) {
        close_handle(handle);
        fail(ERROR_NOT_ENOUGH_MEMORY);
        return nullptr;
    }
    count_thread_start(reinterpret_cast<const void*>(start));
    DWORD thread_id = thread->wait_for_id();
    if (id) *id = thread_id;
    return handle;
}

void sleep_for(DWORD milliseconds) {
    timespec left{milliseconds / 1000, static_cast<long>(milliseconds % 1000) * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

HANDLE CreateThread(LPSECURITY_ATTRIBUTES, SIZE_T stack_size, LPTHREAD_START_ROUTINE start, LPVOID parameter,
                    DWORD flags, LPDWORD thread_id) {
    return create_thread(stack_size, start, parameter, flags, thread_id);
}

VOID ExitThread(DWORD exit_code) {
    exit_code_of_this_thread = exit_code;
    pthread_exit(nullptr);
}

DWORD ResumeThread(HANDLE handle) {
    auto thread = find_as<Thread>(handle);
    return thread ? thread->resume() : static_cast<DWORD>(-1);
}

BOOL GetExitCodeThread(HANDLE handle, LPDWORD exit_code) {
    if (!exit_code) return fail(ERROR_INVALID_PARAMETER);
    if (handle == GetCurrentThread()) {
        *exit_code = STILL_ACTIVE;
        return TRUE;
    }
    auto thread = find_as<Thread>(handle);
    if (!thread) return FALSE;
    *exit_code = thread->exit_code();
    return TRUE;
}

DWORD GetCurrentThreadId() {
    thread_local const DWORD id = static_cast<DWORD>(syscall(SYS_gettid));
    return id;
}

DWORD GetCurrentProcessId() {
    return static_cast<DWORD>(getpid());
}

HANDLE GetCurrentThread() {
    return reinterpret_cast<HANDLE>(LONG_PTR{-2});
}

HANDLE GetCurrentProcess() {
    return reinterpret_cast<HANDLE>(LONG_PTR{-1});
}

VOID Sleep(DWORD milliseconds) {
    if (milliseconds == 0) {
        sched_yield();
        return;
    }
    do {
        sleep_for(milliseconds);
    } while (milliseconds == INFINITE);
}

DWORD SleepEx(DWORD milliseconds, BOOL) {
    Sleep(milliseconds);
    return 0;
}

BOOL SwitchToThread() {
    return sched_yield() == 0;
}
