/// \file
/// What a worker does in its last microseconds: it says why it dies, so that its requests can be tried again
/// at once.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string_view>

#include "wire/channel_layout.h"

namespace osmia::wire {
class WorkerEnd;
}

namespace osmia::worker {

/// The signal stack of one thread, so that a handler can run when the thread's own stack is exhausted. Made
/// and destroyed by the thread itself.
class AlternateStack {
public:
    AlternateStack();
    ~AlternateStack();
    AlternateStack(const AlternateStack&) = delete;
    AlternateStack& operator=(const AlternateStack&) = delete;

private:
    void* memory_ = nullptr;
};

/// Installs handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT, and a hook for exit(): each reports the
/// death to every attached channel, writes one line to standard error, and lets the default action follow. \a
/// pool stands in the line; the pointer is kept.
void install_death_handlers(const char* pool);

/// Channels to report to. At most MaxReportedChannels; the object must live until forget_channel().
inline constexpr std::size_t MaxReportedChannels = 8;
void remember_channel(wire::WorkerEnd* end);
void forget_channel(wire::WorkerEnd* end);

/// While it lives, a death on this thread names the request.
class RequestOnThread {
public:
    explicit RequestOnThread(std::string_view request_id);
    ~RequestOnThread();
    RequestOnThread(const RequestOnThread&) = delete;
    RequestOnThread& operator=(const RequestOnThread&) = delete;
};

/// From here on exit() is our own orderly end and reports nothing.
void expect_exit();

/// Dies by our own decision (executionTimeout): reported as our own fault, with \a why in the line and \a thread's stack in
/// the crash note.
[[noreturn]] void die_by_own_fault(const char* why, pid_t thread);

}  // namespace osmia::worker
