#include "supervisor/process_watch.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace osmia::supervisor {

ProcessWatch::ProcessWatch(EventLoop& loop, pid_t pid, UniqueFd pidfd, Ended ended)
    : loop_(loop), pid_(pid), pidfd_(std::move(pidfd)), ended_(std::move(ended)) {
    loop_.add(pidfd_, EPOLLIN, [this](std::uint32_t) { on_readable(); });
}

ProcessWatch::~ProcessWatch() {
    if (timer_ != 0) loop_.cancel(timer_);
    if (!exited_) loop_.remove(pidfd_);
}

void ProcessWatch::send_signal(int number) const { ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0); }

void ProcessWatch::on_readable() {
    exited_ = true;
    loop_.remove(pidfd_);
    // As long as it is not reaped its number cannot belong to another group.
    siginfo_t info{};
    const bool ours = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (!ours) {
        if (given_) return finish(given_);
        timer_ = loop_.after(StatusWait, [this] {
            timer_ = 0;
            finish(std::nullopt);
        });
        return;
    }
    ::kill(-pid_, SIGKILL);
    ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG);
    finish(info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0) : W_EXITCODE(0, info.si_status));
}

void ProcessWatch::give_status(int status) {
    given_ = status;
    if (exited_) finish(status);
}

void ProcessWatch::finish(std::optional<int> status) {
    if (timer_ != 0) loop_.cancel(std::exchange(timer_, 0));
    const auto ended = std::move(ended_);
    ended_ = nullptr;
    if (ended) ended(status);
}

}  // namespace osmia::supervisor
