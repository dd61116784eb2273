#include "supervisor/file_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"

namespace osmia::supervisor {
namespace {

class FileWatchTest : public testing::Test {
protected:
    FileWatchTest() {
        std::string made = testing::TempDir() + "watch-XXXXXX";
        folder_ = ::mkdtemp(made.data());
        path_ = folder_ + "/file";
        write(path_, "first");
    }
    ~FileWatchTest() override { std::filesystem::remove_all(folder_); }

    static void write(const std::string& path, const std::string& text) { ASSERT_TRUE(replace_file(path, text).ok()); }

    /// Runs the loop until something was told.
    void wait_for_change(int times) {
        while (told_ < times) loop_.run_once(std::chrono::seconds(10));
    }

    EventLoop loop_;
    std::string folder_;
    std::string path_;
    int told_ = 0;
};

TEST_F(FileWatchTest, TellsABurstOnce) {
    FileWatch watch(loop_, path_, [this] { ++told_; });
    for (int count = 0; count < 50; ++count) write(path_, std::to_string(count));
    wait_for_change(1);
    write(path_, "again");
    wait_for_change(2);
    EXPECT_EQ(told_, 2);
}

TEST_F(FileWatchTest, TellsNothingThatWasReadAlready) {
    FileWatch watch(loop_, path_, [this] { ++told_; });
    write(path_, "second");
    watch.settle();
    write(folder_ + "/other", "x");
    bool over = false;
    loop_.after(2 * FileWatch::Quiet, [&] { over = true; });
    while (!over) loop_.run_once(std::chrono::seconds(10));
    EXPECT_EQ(told_, 0);
}

TEST_F(FileWatchTest, SeesTheTargetOfALinkAndALinkThatIsTurned) {
    const std::string link = folder_ + "/link";
    std::filesystem::create_directory(folder_ + "/elsewhere");
    write(folder_ + "/elsewhere/one", "1");
    write(folder_ + "/elsewhere/two", "2");
    std::filesystem::create_symlink(folder_ + "/elsewhere/one", link);
    FileWatch watch(loop_, link, [this] { ++told_; });
    write(folder_ + "/elsewhere/one", "changed");
    wait_for_change(1);
    std::filesystem::create_symlink(folder_ + "/elsewhere/two", link + "2");
    std::filesystem::rename(link + "2", link);
    wait_for_change(2);
}

}  // namespace
}  // namespace osmia::supervisor
