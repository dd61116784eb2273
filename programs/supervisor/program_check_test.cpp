#include "supervisor/program_check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace osmia::supervisor {
namespace {

class ProgramCheck : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(path_); }

    Result<std::string> check(const std::string& script) {
        std::ofstream(path_) << "#!/bin/sh\n" << script << "\n";
        ::chmod(path_.c_str(), 0755);
        EventLoop loop;
        std::optional<Result<std::string>> answer;
        check_program(loop, path_, "osmia-worker", [&](Result<std::string> result) {
            answer = std::move(result);
            loop.stop();
        });
        loop.run();
        return *answer;
    }

    std::string path_ = testing::TempDir() + "osmia-program-check-" + std::to_string(::getpid());
};

TEST_F(ProgramCheck, TellsTheVersion) {
    const auto version = check("test \"$1\" = --version && echo osmia-worker 1.2.3");
    ASSERT_TRUE(version.ok()) << version.error().message;
    EXPECT_EQ(version.value(), "1.2.3");
}

TEST_F(ProgramCheck, RefusesAProgramThatFails) {
    const auto version = check("echo osmia-worker 1.2.3; exit 4");
    ASSERT_FALSE(version.ok());
    EXPECT_EQ(version.error().message, path_ + " --version: exit status 4, osmia-worker 1.2.3");
}

TEST_F(ProgramCheck, RefusesAProgramThatIsAnother) { EXPECT_FALSE(check("echo osmia-listener 1.2.3").ok()); }

TEST_F(ProgramCheck, RefusesAProgramThatDies) {
    const auto version = check("kill -SEGV $$");
    ASSERT_FALSE(version.ok());
    EXPECT_EQ(version.error().message, path_ + " --version: SIGSEGV");
}

}  // namespace
}  // namespace osmia::supervisor
