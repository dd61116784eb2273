#include "sandbox/signal_scope.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace osmia::sandbox {
namespace {

TEST(SignalScope, ReachesOwnProcessesAndNoOthers) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        const auto confined = confine_signals();
        if (!confined.ok()) ::_exit(1);
        if (!confined.value()) ::_exit(::kill(::getppid(), 0) == 0 ? 77 : 2);
        if (::kill(::getppid(), 0) != -1 || errno != EPERM) ::_exit(3);
        if (::kill(::getpid(), 0) != 0) ::_exit(4);
        const pid_t child = ::fork();
        if (child == 0) for (;;) ::pause();
        const bool killed = ::kill(child, SIGKILL) == 0;
        int status = 0;
        ::waitpid(child, &status, 0);
        ::_exit(killed && WIFSIGNALED(status) ? 0 : 5);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this kernel has no landlock scopes; nothing was confined";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace osmia::sandbox
