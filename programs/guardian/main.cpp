/// \file
/// osmia-guardian: what `osmia serve` becomes.
///
/// Privileges: those of who started it; it gives none up because it must be able to start the supervisor again, and it
/// reads nothing but the supervisor's messages. Opens: one socket pair per supervisor. Keeps the state folder's lock, which
/// `osmia serve` has taken, as descriptor LOCK. Talks to: the supervisor; the service manager, if NOTIFY_SOCKET names one.
/// Not dumpable; a subreaper, so that no exit status of any descendant is lost.
///
/// Usage: osmia-guardian LOCK SUPERVISOR ARGUMENT...
/// Signals: TERM, INT drain and exit, the second time at once; HUP reload; USR1 reopen logs.
/// Exit status: the supervisor's (0 after a drain), 1 ended at once, 2 usage.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <cstdlib>

#include "base/descriptor_limit.h"
#include "guardian/guardian.h"

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

}  // namespace

int main(int argc, char** argv) {
    const int lock = argc > 2 ? std::atoi(argv[1]) : -1;
    if (lock <= STDERR_FILENO || ::fcntl(lock, F_SETFD, FD_CLOEXEC) != 0) return say("osmia-guardian is started by osmia serve"), 2;
    ::prctl(PR_SET_DUMPABLE, 0);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    osmia::allow_many_descriptors();
    const char* const notify_socket = ::getenv("NOTIFY_SOCKET");
    const std::string manager = notify_socket == nullptr ? "" : notify_socket;
    ::unsetenv("NOTIFY_SOCKET");  // no child sees it
    const osmia::UniqueFd signals = catch_signals();
    osmia::EventLoop loop;
    osmia::guardian::Guardian guardian(loop, {argv + 2, argv + argc}, say, manager);
    loop.add(signals, EPOLLIN, [&](std::uint32_t) {
        signalfd_siginfo info{};
        while (::read(signals.get(), &info, sizeof info) == sizeof info) guardian.on_signal(static_cast<int>(info.ssi_signo));
    });
    return guardian.run();
}
