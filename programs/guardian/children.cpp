#include "guardian/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "wire/process_start.h"

namespace osmia::guardian {

namespace {

[[noreturn]] void become(std::vector<char*>& arguments, int channel) {
    ::setsid();
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    constexpr int OutOfTheWay = 100;
    ::dup2(::fcntl(channel, F_DUPFD, OutOfTheWay), wire::ControlDescriptor);
    ::close_range(wire::ControlDescriptor + 1, ~0U, 0);
    ::execv(arguments[0], arguments.data());
    const std::string_view text = "osmia-guardian: the supervisor cannot be executed\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(127);
}

// /proc/PID/stat: "PID (NAME) STATE PPID ...", where NAME may hold anything, blanks and parentheses included.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        std::ifstream file(entry.path() / "stat");
        std::string text;
        std::getline(file, text, '\0');
        const auto name_end = text.rfind(')');
        if (name_end == std::string::npos || std::atol(text.c_str() + name_end + 4) != parent) continue;
        children.push_back(static_cast<pid_t>(std::atol(text.c_str())));
    }
    return children;
}

}  // namespace

Result<pid_t> start_supervisor(const std::vector<std::string>& command, BorrowedFd channel) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return errno_error("fork");
    if (pid == 0) become(arguments, channel.get());
    return pid;
}

void kill_all_descendants() {
    for (;;) {
        // Killing a child hands its own children to us, so look again until there is none.
        for (const pid_t pid : children_of(::getpid())) ::kill(pid, SIGKILL);
        if (::waitpid(-1, nullptr, 0) < 0) return;
    }
}

}  // namespace osmia::guardian
