#include "supervisor/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "wire/process_start.h"

namespace osmia::supervisor {

namespace {

constexpr int CannotExecute = 127;

// Between fork and exec: only calls that are safe there.
[[noreturn]] void give_up(const char* what) {
    const char* const reason = ::strerrordesc_np(errno);
    const std::array<const char*, 4> words{"osmia: the process cannot be started: ", what, ": ", reason};
    for (const char* word : words) {
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, word, std::strlen(word));
    }
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, "\n", 1);
    ::_exit(CannotExecute);
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The sources may lie where a target is to be, so they are moved out of the way first.
void arrange_descriptors(int control, int input, int output) {
    constexpr int OutOfTheWay = 100;
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const int moved_control = ::fcntl(control, F_DUPFD_CLOEXEC, OutOfTheWay);
    const int moved_input = input >= 0 ? ::fcntl(input, F_DUPFD_CLOEXEC, OutOfTheWay) : null;
    const int moved_output = output >= 0 ? ::fcntl(output, F_DUPFD_CLOEXEC, OutOfTheWay) : -1;
    if (null < 0 || moved_input < 0 || (control >= 0 && moved_control < 0) || (output >= 0 && moved_output < 0)) give_up("descriptors");
    ::dup2(moved_input, STDIN_FILENO);
    if (moved_output >= 0) {
        ::dup2(moved_output, STDOUT_FILENO);
        ::dup2(moved_output, STDERR_FILENO);
    }
    if (moved_control >= 0) ::dup2(moved_control, wire::ControlDescriptor);
    ::close_range(moved_control >= 0 ? wire::ControlDescriptor + 1 : wire::ControlDescriptor, ~0U, 0);
}

void take_identity(const Identity& identity) {
    if (::setgroups(0, nullptr) != 0) give_up("setgroups");
    if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) give_up("setresgid");
    if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) give_up("setresuid");
}

[[noreturn]] void become(const SpawnRequest& request, char* const* arguments, char* const* environment) {
    ::setsid();
    reset_signals();
    arrange_descriptors(request.control, request.input, request.output);
    if (request.identity) take_identity(*request.identity);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::chdir(request.folder.c_str()) != 0 && ::chdir("/") != 0) give_up("chdir");
    ::execve(request.program.c_str(), arguments, environment);
    give_up(request.program.c_str());
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> list;
    for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
    return list;
}

}  // namespace

Result<Spawned> spawn(const SpawnRequest& request) {
    std::vector<char*> arguments = pointers(request.arguments);
    arguments.insert(arguments.begin(), const_cast<char*>(request.program.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> environment = pointers(request.environment);
    environment.push_back(nullptr);

    Spawned spawned;
    spawned.pid = ::fork();
    if (spawned.pid < 0) return errno_error("fork");
    if (spawned.pid == 0) become(request, arguments.data(), environment.data());
    spawned.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
    if (!spawned.pidfd) {
        const Error error = errno_error("pidfd_open");
        ::kill(spawned.pid, SIGKILL);
        return error;
    }
    return spawned;
}

}  // namespace osmia::supervisor
