#include "config/configuration_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "config/configuration_history.h"
#include "config/section_edit.h"
#include "config/xml_edit.h"

namespace osmia::config {
namespace {

class ConfigurationStoreTest : public testing::Test {
protected:
    ConfigurationStoreTest() {
        // A disk that is slow to sync makes a thousand edits slow.
        const std::string memory = "/dev/shm/";
        std::string made = (std::filesystem::exists(memory) ? memory : testing::TempDir()) + "osmia-store-XXXXXX";
        folder_ = ::mkdtemp(made.data());
        path_ = folder_ + "/applicationHost.config";
    }
    ~ConfigurationStoreTest() override { std::filesystem::remove_all(folder_); }

    /// Adds an element that nobody else adds.
    static Result<void> add(const std::string& path, const std::string& name) {
        return change_file(path, [&](const std::string& bytes) -> Result<std::string> {
            XmlEdit edit = OSMIA_TRY(XmlEdit::open(bytes, path));
            edit.append_child({}, name);
            return edit.bytes();
        });
    }

    std::size_t elements() const { return XmlEdit::open(read_file(path_).value(), path_).value().root().children.size(); }

    std::string folder_;
    std::string path_;
};

TEST_F(ConfigurationStoreTest, AThousandEditsByTwoWritersAreAllThere) {
    ASSERT_TRUE(replace_file(path_, "<x>\n</x>\n").ok());
    std::vector<pid_t> writers;
    for (const char* writer : {"a", "b"}) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            for (int count = 0; count < 500; ++count) {
                if (!add(path_, writer + std::to_string(count)).ok()) ::_exit(1);
            }
            ::_exit(0);
        }
        writers.push_back(pid);
    }
    for (const pid_t pid : writers) {
        int status = 0;
        ASSERT_EQ(::waitpid(pid, &status, 0), pid);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(elements(), 1000U);
}

TEST_F(ConfigurationStoreTest, AWriterThatIsKilledLeavesAWholeFile) {
    ASSERT_TRUE(replace_file(path_, "<x>\n</x>\n").ok());
    std::size_t before = 0;
    for (int round = 0; round < 20; ++round) {
        int pipe_fds[2];
        ASSERT_EQ(::pipe(pipe_fds), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            for (int count = 0;; ++count) {
                if (!add(path_, "e").ok() || ::write(pipe_fds[1], "x", 1) != 1) ::_exit(1);
            }
        }
        ::close(pipe_fds[1]);
        char byte = 0;
        for (int edits = 0; edits <= round % 4; ++edits) EXPECT_EQ(::read(pipe_fds[0], &byte, 1), 1);
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        ::close(pipe_fds[0]);
        const std::size_t now = elements();
        EXPECT_GT(now, before);
        before = now;
    }
    EXPECT_TRUE(add(path_, "last").ok());
}

TEST_F(ConfigurationStoreTest, AnEditorsReplacementInBetweenIsNotLost) {
    ASSERT_TRUE(replace_file(path_, "<x>\n</x>\n").ok());
    int calls = 0;
    const auto result = change_file(path_, [&](const std::string& bytes) -> Result<std::string> {
        if (++calls == 1) {
            EXPECT_TRUE(replace_file(path_, "<x>\n  <by-hand />\n</x>\n").ok());
        }
        XmlEdit edit = OSMIA_TRY(XmlEdit::open(bytes, path_));
        edit.append_child({}, "ours");
        return edit.bytes();
    });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(read_file(path_).value(), "<x>\n  <by-hand />\n  <ours />\n</x>\n");
}

TEST_F(ConfigurationStoreTest, ARefusedChangeWritesNothingAndAModeStays) {
    ASSERT_TRUE(replace_file(path_, "<x/>", 0640).ok());
    EXPECT_FALSE(change_file(path_, [](const std::string&) -> Result<std::string> { return make_error(ErrorKind::Invalid, "no"); }).ok());
    EXPECT_EQ(read_file(path_).value(), "<x/>");
    EXPECT_TRUE(add(path_, "y").ok());
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(ConfigurationStoreTest, ALinkStaysALinkAndANewFileIsMade) {
    const std::string target = folder_ + "/real.config";
    ASSERT_TRUE(replace_file(target, "<x/>").ok());
    ASSERT_EQ(::symlink(target.c_str(), path_.c_str()), 0);
    EXPECT_TRUE(add(path_, "y").ok());
    EXPECT_TRUE(std::filesystem::is_symlink(path_));
    EXPECT_NE(read_file(target).value().find("<y />"), std::string::npos);
    EXPECT_TRUE(change_file(folder_ + "/new", [](const std::string& bytes) -> Result<std::string> { return bytes + "n"; }).ok());
    EXPECT_EQ(read_file(folder_ + "/new").value(), "n");
}

TEST_F(ConfigurationStoreTest, TheHistoryKeepsTheNewestAndKnowsThemByNumber) {
    const ConfigurationHistory history(folder_ + "/history");
    EXPECT_TRUE(history.list().empty());
    for (int version = 1; version <= 5; ++version) EXPECT_TRUE(history.keep("v" + std::to_string(version), 3).ok());
    EXPECT_TRUE(history.keep("v5", 3).ok());
    const auto entries = history.list();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries.front().id, "0000000003");
    EXPECT_EQ(history.read("4").value(), "v4");
    EXPECT_FALSE(history.read("1").ok());
    EXPECT_FALSE(history.read("../x").ok());
    struct stat status {};
    ASSERT_EQ(::stat((folder_ + "/history").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(ConfigurationStoreTest, BackupsHaveNames) {
    const ConfigurationHistory history(folder_ + "/history");
    EXPECT_TRUE(history.add_backup("before", "text").ok());
    EXPECT_EQ(history.add_backup("before", "text").error().kind, ErrorKind::Busy);
    EXPECT_FALSE(history.add_backup("../x", "text").ok());
    EXPECT_FALSE(history.add_backup("", "text").ok());
    EXPECT_EQ(history.backups(), std::vector<std::string>{"before"});
    EXPECT_EQ(history.read_backup("before").value(), "text");
    EXPECT_TRUE(history.remove_backup("before").ok());
    EXPECT_EQ(history.remove_backup("before").error().kind, ErrorKind::NotFound);
    EXPECT_TRUE(history.list().empty());
}

}  // namespace
}  // namespace osmia::config
