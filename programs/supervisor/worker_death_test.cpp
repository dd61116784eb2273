#include "supervisor/worker_death.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

namespace osmia::supervisor {
namespace {

int exited(int status) { return W_EXITCODE(status, 0); }
int killed_by(int number) { return W_EXITCODE(0, number); }

TEST(WorkerDeath, FaultsAndExitsAreItsOwnFault) {
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP}) {
        EXPECT_TRUE(judge_death(killed_by(number)).own_fault) << number;
    }
    EXPECT_TRUE(judge_death(exited(0)).own_fault);
    EXPECT_TRUE(judge_death(exited(3)).own_fault);
}

TEST(WorkerDeath, OtherSignalsComeFromOutside) {
    for (const int number : {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGXCPU}) EXPECT_FALSE(judge_death(killed_by(number)).own_fault) << number;
    EXPECT_FALSE(unknown_death().own_fault);
}

TEST(WorkerDeath, IsNamedAsAnOperatorKnowsIt) {
    EXPECT_EQ(judge_death(killed_by(SIGSEGV)).words, "SIGSEGV");
    EXPECT_EQ(judge_death(exited(3)).words, "exit status 3");
    EXPECT_EQ(judge_death(killed_by(SIGSEGV) | 0x80).words, "SIGSEGV") << "with a core dump";
    EXPECT_EQ(judge_death(killed_by(40)).words, "signal 40");
}

}  // namespace
}  // namespace osmia::supervisor
