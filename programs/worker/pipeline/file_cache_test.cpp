#include "worker/pipeline/file_cache.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace osmia::worker {
namespace {

using namespace std::chrono_literals;

class Files : public testing::Test {
protected:
    Files() {
        std::string pattern = testing::TempDir() + "osmia-files-XXXXXX";
        root = ::mkdtemp(pattern.data());
    }
    ~Files() override { std::filesystem::remove_all(root); }
    void write(const std::string& name, const std::string& text) { std::ofstream(root + "/" + name, std::ios::binary) << text; }
    /// The file looks as if it had not been touched for long. Its time of change cannot be set, so only size and mtime tell.
    void set_modified(const std::string& name, long seconds) {
        const timespec times[2] = {{seconds, 0}, {seconds, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (root + "/" + name).c_str(), times, 0), 0);
    }

    std::string root;
    FileCache cache;
    const FileCache::Clock::time_point start = FileCache::Clock::now();
};

TEST_F(Files, KeepsSmallFilesAsBytesAndLargeOnesAsDescriptors) {
    write("small", "hello");
    write("empty", "");
    write("limit", std::string(MaxCachedContent, 'x'));
    write("large", std::string(MaxCachedContent + 1, 'x'));
    EXPECT_EQ(cache.find(root, "small", start)->content, "hello");
    EXPECT_TRUE(cache.find(root, "empty", start)->has_content);
    EXPECT_TRUE(cache.find(root, "limit", start)->has_content);
    const auto large = cache.find(root, "large", start);
    EXPECT_FALSE(large->has_content);
    EXPECT_TRUE(bool(large->fd));
    EXPECT_EQ(cache.find(root, "large", start), large);
}

TEST_F(Files, SeesAChangeAfterItsLifetimeAndNotBefore) {
    write("a", "one");
    set_modified("a", 1'000'000);
    const auto first = cache.find(root, "/a", start);
    EXPECT_EQ(first->last_modified, "Mon, 12 Jan 1970 13:46:40 GMT");
    write("a", "two");
    EXPECT_EQ(cache.find(root, "/a", start + FileCache::Lifetime - 1ms), first);
    const auto second = cache.find(root, "/a", start + FileCache::Lifetime);
    EXPECT_EQ(second->content, "two");
    EXPECT_NE(second->etag, first->etag);
    EXPECT_EQ(first->content, "one") << "whoever sends it keeps it";
}

TEST_F(Files, ReadsAgainWhatChangedJustBeforeItWasRead) {
    write("a", "one");
    const auto first = cache.find(root, "a", start);
    EXPECT_NE(cache.find(root, "a", start + FileCache::Lifetime), first) << "its time stamps prove nothing yet";
}

TEST_F(Files, SaysWhatIsNotThere) {
    EXPECT_EQ(cache.find(root, "missing", start), nullptr);
    EXPECT_EQ(errno, ENOENT);
    ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
    EXPECT_EQ(cache.find(root, "pipe", start), nullptr);
    EXPECT_EQ(cache.find(root, "../" + root.substr(root.find_last_of('/') + 1), start), nullptr);
    write("a", "one");
    EXPECT_NE(cache.find(root, "a", start), nullptr);
    std::filesystem::remove(root + "/a");
    EXPECT_EQ(cache.find(root, "a", start + FileCache::Lifetime), nullptr);
}

TEST_F(Files, TellsFoldersAndDoesNotKeepThem) {
    const auto folder = cache.find(root, "/", start);
    ASSERT_NE(folder, nullptr);
    EXPECT_TRUE(S_ISDIR(folder->facts.st_mode));
    EXPECT_NE(cache.find(root, "/", start), folder);
}

TEST_F(Files, HoldsNoMoreDescriptorsThanItsLimit) {
    std::vector<std::weak_ptr<const SiteFile>> seen;
    for (std::size_t i = 0; i <= MaxCachedDescriptors; ++i) {
        write(std::to_string(i), std::string(MaxCachedContent + 1, 'x'));
        seen.push_back(cache.find(root, std::to_string(i), start));
        if (i + 1 == MaxCachedDescriptors) {
            EXPECT_FALSE(seen.front().expired()) << "at the limit";
        }
    }
    EXPECT_TRUE(seen.front().expired()) << "one past it";
    EXPECT_FALSE(seen.back().expired());
}

TEST_F(Files, HoldsNoMoreFilesThanItsLimit) {
    std::weak_ptr<const SiteFile> first;
    for (std::size_t i = 0; i <= MaxCachedFiles; ++i) {
        write(std::to_string(i), "x");
        const auto file = cache.find(root, std::to_string(i), start);
        if (i == 0) first = file;
        EXPECT_EQ(first.expired(), i == MaxCachedFiles) << i;
    }
}

TEST_F(Files, ForgetsWhatNobodyAsksFor) {
    write("a", std::string(MaxCachedContent + 1, 'x'));
    const std::weak_ptr<const SiteFile> file = cache.find(root, "a", start);
    cache.forget(start);
    EXPECT_FALSE(file.expired());
    cache.forget(start + 1ms);
    EXPECT_TRUE(file.expired());
}

}  // namespace
}  // namespace osmia::worker
