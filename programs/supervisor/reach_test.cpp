#include "supervisor/reach.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"

namespace osmia::supervisor {
namespace {

// Only root can ask for another; an ordinary user asks for itself, and the folders below deny it as well.
const Identity Somebody = ::geteuid() == 0 ? Identity{54321, 54321} : Identity{::geteuid(), ::getegid()};

class Reach : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-reach-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        ::chmod(folder_.c_str(), 0755);
        ASSERT_TRUE(make_directories(folder_ + "/inner/site").ok());
        ASSERT_TRUE(replace_file(folder_ + "/inner/site/page", "x", 0644).ok());
    }
    void TearDown() override {
        ::chmod((folder_ + "/inner").c_str(), 0755);
        std::filesystem::remove_all(folder_);
    }
    std::string folder_;
};

TEST_F(Reach, AnOpenPathIsReached) { EXPECT_FALSE(find_denial(folder_ + "/inner/site/page", Somebody)); }

TEST_F(Reach, TheFolderThatDeniesIsNamed) {
    ::chmod((folder_ + "/inner").c_str(), 0600);
    const auto denial = find_denial(folder_ + "/inner/site/page", Somebody);
    ASSERT_TRUE(denial);
    EXPECT_EQ(denial->path, folder_ + "/inner");
    EXPECT_NE(denial->message.find("mode 0600"), std::string::npos);
}

TEST_F(Reach, AFileThatCannotBeReadIsNamedItself) {
    ::chmod((folder_ + "/inner/site/page").c_str(), 0000);
    const auto denial = find_denial(folder_ + "/inner/site/page", Somebody);
    ASSERT_TRUE(denial);
    EXPECT_EQ(denial->path, folder_ + "/inner/site/page");
}

TEST_F(Reach, AMissingPathIsNotADenial) { EXPECT_FALSE(find_denial(folder_ + "/none", Somebody)); }

TEST_F(Reach, TheCallersOwnRightsAreBackAfterwards) {
    find_denial(folder_, Somebody);
    EXPECT_TRUE(replace_file(folder_ + "/inner/new", "x").ok());
}

}  // namespace
}  // namespace osmia::supervisor
