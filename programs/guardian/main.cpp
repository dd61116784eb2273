/// \file
/// osmia-guardian: what `osmia serve` becomes.
///
/// Privileges: those of who started it; it gives none up because it must be able to start the supervisor again, and it
/// reads nothing but the supervisor's messages. Opens: the state folder's lock (a parent may have taken it already and
/// pass it with --lock-fd), one socket pair. Talks to: the supervisor; the service manager, if NOTIFY_SOCKET names one. Not
/// dumpable; a subreaper, so that no exit status of any descendant is lost.
///
/// Usage: osmia-guardian [--lock-fd N] LOCK-FILE SUPERVISOR ARGUMENT...
/// Signals: TERM, INT drain and exit, the second time at once; HUP reload; USR1 reopen logs.
/// Exit status: the supervisor's (0 after a drain), 1 cannot start or ended at once, 2 usage.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <cstdio>

#include "guardian/guardian.h"
#include "state/lock.h"

namespace {

void say(const std::string& line) { fmt::print(stderr, "osmia: {}\n", line); }

osmia::UniqueFd catch_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&signals, number);
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return osmia::UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    osmia::UniqueFd lock;
    if (arguments.size() > 2 && arguments[0] == "--lock-fd") {
        lock.reset(std::atoi(arguments[1].c_str()));
        if (::fcntl(lock.get(), F_SETFD, FD_CLOEXEC) != 0) lock.release();
        arguments.erase(arguments.begin(), arguments.begin() + 2);
    }
    if (arguments.size() < 2) return say("usage: osmia-guardian [--lock-fd N] LOCK-FILE SUPERVISOR ARGUMENT..."), 2;
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    allow_many_descriptors();
    if (!lock) {
        auto taken = osmia::state::take_lock(arguments[0], ::getpid());
        if (!taken.ok()) return say(taken.error().message), 1;
        lock = std::move(taken).value();
    }
    arguments.erase(arguments.begin());

    const osmia::UniqueFd signals = catch_signals();
    osmia::EventLoop loop;
    osmia::guardian::Guardian guardian(loop, std::move(arguments), say, osmia::guardian::ServiceManager::from_environment());
    loop.add(signals, EPOLLIN, [&](std::uint32_t) {
        signalfd_siginfo info{};
        while (::read(signals.get(), &info, sizeof info) == sizeof info) guardian.on_signal(static_cast<int>(info.ssi_signo));
    });
    return guardian.run();
}
