// What a malicious extension would try, by ?do=: uid, read&path=P, kill&pid=N, trace&pid=N, open_memory&pid=N. Answers "ok" or the error.
#include <httpext.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <string>

#include "../../sdk/examples/respond.h"

EXAMPLE_EXTENSION("Tries what it must not")

namespace {

std::string outcome(bool done) { return done ? "ok" : strerrorname_np(errno); }

std::string attempt(const std::string& what, pid_t pid, const std::string& path) {
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
