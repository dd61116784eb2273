#include "state/lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace osmia::state {
namespace {

class Lock : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-lock-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string folder_;
};

TEST_F(Lock, ASecondHolderIsToldThePidOfTheFirst) {
    const auto first = take_lock(folder_ + "/serve.lock", 4711);
    ASSERT_TRUE(first.ok());
    const auto second = take_lock(folder_ + "/serve.lock", 4712);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::Busy);
    EXPECT_EQ(second.error().message, folder_ + " is in use by the server with pid 4711");
}

TEST_F(Lock, ItIsFreeOnceTheDescriptorIsClosed) {
    take_lock(folder_ + "/serve.lock", 4711).value().reset();
    EXPECT_TRUE(take_lock(folder_ + "/serve.lock", 4712).ok());
}

TEST_F(Lock, AMissingFolderIsAnError) {
    EXPECT_EQ(take_lock(folder_ + "/none/serve.lock", 1).error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace osmia::state
