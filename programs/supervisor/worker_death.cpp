#include "supervisor/worker_death.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

namespace osmia::supervisor {

namespace {

bool is_own_signal(int number) {
    switch (number) {
        case SIGSEGV:
        case SIGBUS:
        case SIGILL:
        case SIGFPE:
        case SIGABRT:
        case SIGSYS:
        case SIGTRAP:
            return true;
        default:
            return false;
    }
}

}  // namespace

Death judge_death(int status) {
    if (WIFEXITED(status)) return {fmt::format("exit status {}", WEXITSTATUS(status)), true};
    const int number = WTERMSIG(status);
    const char* name = ::sigabbrev_np(number);
    return {name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", number), is_own_signal(number)};
}

Death unknown_death() { return {"an unknown cause", false}; }

}  // namespace osmia::supervisor
