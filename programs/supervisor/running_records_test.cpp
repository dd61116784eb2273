#include "supervisor/running_records.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"

namespace osmia::supervisor {
namespace {

class RunningRecordsTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-records-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override {
        for (const pid_t pid : children_) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, 0);
        }
        std::filesystem::remove_all(folder_);
    }
    pid_t child() {
        const pid_t pid = ::fork();
        if (pid == 0) {
            for (;;) ::pause();
        }
        children_.push_back(pid);
        return pid;
    }
    int files() const {
        return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
    }
    std::string folder_;
    std::vector<pid_t> children_;
};

TEST_F(RunningRecordsTest, EndsWhatIsRecordedAndStillRuns) {
    const RunningRecords records(folder_);
    const pid_t left = child(), kept = child();
    records.add(left);
    records.add(kept);
    EXPECT_EQ(records.end_leftovers({kept}), 1);
    int status = 0;
    EXPECT_EQ(::waitpid(left, &status, WNOHANG), left);
    EXPECT_EQ(WTERMSIG(status), SIGTERM);
    EXPECT_EQ(::waitpid(kept, &status, WNOHANG), 0);
    EXPECT_EQ(files(), 1);
}

TEST_F(RunningRecordsTest, LeavesAProcessAloneThatOnlyHasTheNumber) {
    const pid_t other = child();
    ASSERT_TRUE(replace_file(folder_ + "/" + std::to_string(other), "12345 another-boot\n").ok());
    EXPECT_EQ(RunningRecords(folder_).end_leftovers({}), 0);
    EXPECT_EQ(::waitpid(other, nullptr, WNOHANG), 0);
    EXPECT_EQ(files(), 0) << "the stale record is gone";
}

TEST_F(RunningRecordsTest, ForgetsWhatWasRemoved) {
    const RunningRecords records(folder_);
    const pid_t one = child();
    records.add(one);
    records.remove(one);
    EXPECT_EQ(records.end_leftovers({}), 0);
    EXPECT_EQ(::waitpid(one, nullptr, WNOHANG), 0);
}

}  // namespace
}  // namespace osmia::supervisor
