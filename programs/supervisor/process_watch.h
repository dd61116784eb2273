/// \file
/// Notices the end of one process, child or not, and learns how it ended.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace osmia::supervisor {

/// How long the guardian may take to tell the status of a process that is its child and not ours.
inline constexpr std::chrono::seconds StatusWait{1};

/// Watches a pidfd (owned). Calls \a ended once: with waitpid's status, or without when it is lost. The callback may
/// destroy the watch. Just before the status is taken, whatever is left of the process's own group is killed: its
/// children end with it.
class ProcessWatch {
public:
    using Ended = std::function<void(std::optional<int> status)>;

    ProcessWatch(EventLoop& loop, pid_t pid, UniqueFd pidfd, Ended ended);
    ~ProcessWatch();
    ProcessWatch(const ProcessWatch&) = delete;
    ProcessWatch& operator=(const ProcessWatch&) = delete;

    /// The guardian has reaped it.
    void give_status(int status);
    void send_signal(int number) const;
    pid_t pid() const { return pid_; }
    BorrowedFd pidfd() const { return pidfd_; }

private:
    void on_readable();
    void finish(std::optional<int> status);

    EventLoop& loop_;
    pid_t pid_;
    UniqueFd pidfd_;
    Ended ended_;
    std::optional<int> given_;
    EventLoop::TimerId timer_ = 0;
    bool exited_ = false;
};

}  // namespace osmia::supervisor
