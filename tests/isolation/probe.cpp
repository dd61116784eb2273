// What a malicious extension would try, by ?do=: uid, read&path=P, kill&pid=N, signal&pid=N (without effect), queue&pid=N (the same),
// trace&pid=N, read_memory&pid=N, open_memory&pid=N, namespace, mount, io_uring; and what it may do: raise, run (a child). Answers "ok" or the error.
#include <httpext.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "../../sdk/examples/respond.h"

EXAMPLE_EXTENSION("Tries what it must not")

namespace {

std::string outcome(bool done) { return done ? "ok" : strerrorname_np(errno); }

bool read_memory(pid_t pid) {
    char byte = 0;
    const iovec own{&byte, 1};
    const iovec others{reinterpret_cast<void*>(0x400000), 1};
    // An address that is not there is EFAULT: then the reading itself was allowed.
    return process_vm_readv(pid, &own, 1, &others, 1, 0) == 1 || errno == EFAULT;
}

bool send_queued(pid_t pid) {
    siginfo_t facts{};
    facts.si_code = SI_QUEUE;
    return syscall(SYS_rt_sigqueueinfo, pid, 0, &facts) == 0;
}

bool raise_in_vain() {
    signal(SIGUSR2, SIG_IGN);
    return raise(SIGUSR2) == 0 && kill(getpid(), SIGUSR2) == 0;
}

bool run_child() {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
}

bool make_ring() {
    char parameters[120] = {};
    return syscall(SYS_io_uring_setup, 1, parameters) >= 0;
}

std::string attempt(const std::string& what, pid_t pid, const std::string& path) {
    if (what == "signal") return outcome(kill(pid, 0) == 0);
    if (what == "queue") return outcome(send_queued(pid));
    if (what == "read_memory") return outcome(read_memory(pid));
    if (what == "namespace") return outcome(unshare(CLONE_NEWUSER) == 0);
    if (what == "mount") return outcome(mount("none", "/tmp", "tmpfs", 0, nullptr) == 0);
    if (what == "io_uring") return outcome(make_ring());
    if (what == "raise") return outcome(raise_in_vain());
    if (what == "run") return outcome(run_child());
    if (what == "uid") return std::to_string(getuid()) + " " + std::to_string(geteuid());
    if (what == "read") return outcome(open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0);
    if (what == "kill") return outcome(kill(pid, SIGKILL) == 0);
    if (what == "trace") return outcome(ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0);
    if (what == "open_memory") return outcome(open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDWR | O_CLOEXEC) >= 0);
    return "?";
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    auto pid = static_cast<pid_t>(strtol(query_value(ecb, "pid", "0").c_str(), nullptr, 10));
    send_text(ecb, attempt(query_value(ecb, "do", ""), pid, query_value(ecb, "path", "")));
    return HSE_STATUS_SUCCESS;
}
