#include "guardian/guardian.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace osmia::guardian {
namespace {

/// Runs a Guardian in this process with the fake supervisor; SIGCHLD comes through a signalfd as in main().
class GuardianTest : public testing::Test {
protected:
    void SetUp() override {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::sigaddset(&signals, SIGCHLD);
        ::sigprocmask(SIG_BLOCK, &signals, nullptr);
        signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }

    std::unique_ptr<Guardian> guardian(const std::string& behaviour) {
        auto made = std::make_unique<Guardian>(loop_, std::vector<std::string>{OSMIA_FAKE_SUPERVISOR, behaviour},
                                               [this](const std::string& line) { said_.push_back(line); });
        loop_.add(signals_, EPOLLIN, [this, one = made.get()](std::uint32_t) {
            signalfd_siginfo info{};
            while (::read(signals_.get(), &info, sizeof info) == sizeof info) one->on_signal(SIGCHLD);
        });
        return made;
    }

    EventLoop loop_;
    UniqueFd signals_;
    std::vector<std::string> said_;
};

TEST_F(GuardianTest, GivesTheNextSupervisorWhatTheDeadOneStored) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const int saved_error_output = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    const int status = guardian("remember")->run();
    ::dup2(saved_error_output, STDERR_FILENO);
    ::close(saved_error_output);
    ::close(ends[1]);
    char text[16] = {};
    EXPECT_EQ(::read(ends[0], text, sizeof text), 4);
    ::close(ends[0]);
    EXPECT_STREQ(text, "kept");
    EXPECT_EQ(status, 7);
    EXPECT_EQ(said_, std::vector<std::string>{"the supervisor died (SIGKILL); starting it again"});
}

TEST_F(GuardianTest, ForwardsTheExitStatusOfAnOrphan) { EXPECT_EQ(guardian("orphan")->run(), 5); }

TEST_F(GuardianTest, TellsTheSupervisorOfATerminationSignalAndExitsWithItsStatus) {
    auto one = guardian("obey");
    loop_.after({}, [&] { one->on_signal(SIGTERM); });
    EXPECT_EQ(one->run(), 0);
    EXPECT_TRUE(said_.empty());
}

TEST_F(GuardianTest, AProgramOnTrialThatStaysIsStartedAgainWhenItDies) {
    EXPECT_EQ(guardian("trial-stays")->run(), 11);
    EXPECT_EQ(said_, std::vector<std::string>{"the supervisor died (SIGKILL); starting it again"});
}

TEST_F(GuardianTest, AProgramOnTrialThatEndsMakesRoomForTheOneBefore) {
    EXPECT_EQ(guardian("trial-fails")->run(), 10);
    EXPECT_EQ(said_, std::vector<std::string>{"the supervisor died (SIGKILL); starting the one before again"});
}

TEST_F(GuardianTest, TellsTheSupervisorOfAHangupSignal) {
    auto one = guardian("obey");
    loop_.after({}, [&] { one->on_signal(SIGHUP); });
    EXPECT_EQ(one->run(), 9);
}

TEST_F(GuardianTest, TheSecondTerminationSignalEndsEverythingAtOnce) {
    auto one = guardian("ignore");
    loop_.after({}, [&] {
        one->on_signal(SIGINT);
        one->on_signal(SIGINT);
    });
    EXPECT_EQ(one->run(), 1);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no descendant is left";
}

TEST_F(GuardianTest, ASupervisorThatCannotRunIsTriedAgain) {
    Guardian one(loop_, {"/nonexistent/supervisor"}, [&](const std::string& line) {
        said_.push_back(line);
        if (said_.size() == 2) loop_.stop();
    });
    loop_.add(signals_, EPOLLIN, [&](std::uint32_t) {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) one.on_signal(SIGCHLD);
    });
    testing::internal::CaptureStderr();
    one.run();
    EXPECT_NE(testing::internal::GetCapturedStderr().find("cannot be executed"), std::string::npos);
    EXPECT_EQ(said_[0], "the supervisor died (exit status 127); starting it again");
}

}  // namespace
}  // namespace osmia::guardian
