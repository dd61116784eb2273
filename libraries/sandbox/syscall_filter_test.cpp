#include "sandbox/syscall_filter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace osmia::sandbox {
namespace {

/// The exit status of a child that runs \a body.
template <class Body>
int run_in_child(Body body) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(body());
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(SyscallFilter, RefusesWhatIsDeniedAndNothingElse) {
    EXPECT_EQ(run_in_child([] {
        if (!SyscallFilter().deny(SYS_openat).deny(SYS_execve).install().ok()) return 9;
        if (::open("/dev/null", O_RDONLY) != -1 || errno != EPERM) return 1;
        char* const arguments[] = {nullptr};
        if (::execve("/bin/true", arguments, arguments) != -1 || errno != EPERM) return 2;
        return ::getpid() > 0 && ::dup(0) >= 0 ? 0 : 3;
    }), 0);
}

TEST(SyscallFilter, LooksAtArguments) {
    EXPECT_EQ(run_in_child([] {
        if (!SyscallFilter().deny_if_bits(SYS_mmap, 2, PROT_EXEC).deny_if_bits(SYS_mprotect, 2, PROT_EXEC).install().ok()) return 9;
        void* const data = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (data == MAP_FAILED) return 1;
        if (::mprotect(data, 4096, PROT_READ | PROT_EXEC) != -1 || errno != EPERM) return 2;
        return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 3;
    }), 0);
}

}  // namespace
}  // namespace osmia::sandbox
