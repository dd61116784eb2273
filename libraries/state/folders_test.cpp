#include "state/folders.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/files.h"

namespace osmia::state {
namespace {

GetVariable environment(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
}

class StateFolder : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-folders-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        path_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(path_); }
    std::string path_;
};

TEST(ResolveFolders, TheOptionHoldsEverything) {
    const auto folders = resolve_folders("/srv/one/", environment({{"OSMIA_STATE", "/other"}}), 0).value();
    EXPECT_EQ(folders.runtime, "/srv/one");
    EXPECT_EQ(folders.lasting, "/srv/one");
    EXPECT_EQ(folders.control_socket(), "/srv/one/control.sock");
}

TEST(ResolveFolders, ARelativeOptionBecomesAbsolute) {
    const auto folders = resolve_folders("here", environment({}), 1000).value();
    EXPECT_EQ(folders.runtime, std::filesystem::current_path().string() + "/here");
}

TEST(ResolveFolders, TheVariableComesNext) {
    EXPECT_EQ(resolve_folders(std::nullopt, environment({{"OSMIA_STATE", "/other"}}), 0).value().lasting, "/other");
}

TEST(ResolveFolders, RootHasTheSystemsFolders) {
    const auto folders = resolve_folders(std::nullopt, environment({{"OSMIA_STATE", ""}}), 0).value();
    EXPECT_EQ(folders.runtime, "/run/osmia");
    EXPECT_EQ(folders.lasting, "/var/lib/osmia");
    EXPECT_EQ(folders.logs(), "/var/log/osmia");
    EXPECT_EQ(resolve_folders("/var/lib/osmia", environment({}), 0).value().logs(), "/var/lib/osmia/logs");
}

TEST(ResolveFolders, AUserHasTheXdgFolders) {
    const auto folders =
        resolve_folders(std::nullopt, environment({{"XDG_RUNTIME_DIR", "/run/user/5"}, {"XDG_STATE_HOME", "/s"}}), 5).value();
    EXPECT_EQ(folders.runtime, "/run/user/5/osmia");
    EXPECT_EQ(folders.lasting, "/s/osmia");
}

TEST(ResolveFolders, AUserWithoutARuntimeFolderUsesTheLastingOne) {
    const auto folders = resolve_folders(std::nullopt, environment({{"HOME", "/home/a"}}), 5).value();
    EXPECT_EQ(folders.runtime, "/home/a/.local/state/osmia/run");
    EXPECT_EQ(folders.lasting, "/home/a/.local/state/osmia");
}

TEST(ResolveFolders, AnEmptyOptionAndAnUnknownHomeAreErrors) {
    EXPECT_FALSE(resolve_folders("", environment({}), 0).ok());
    EXPECT_FALSE(resolve_folders(std::nullopt, environment({}), 5).ok());
}

TEST_F(StateFolder, PreparingTwiceIsTheSameAsOnce) {
    const Folders folders{path_ + "/run", path_ + "/var"};
    ASSERT_TRUE(prepare_folders(folders).ok());
    ASSERT_TRUE(prepare_folders(folders).ok());
    EXPECT_EQ(read_file(path_ + "/run/version").value(), "osmia-state 1\n");
    EXPECT_EQ(read_file(path_ + "/var/version").value(), "osmia-state 1\n");
}

TEST_F(StateFolder, ANewerLayoutIsRefused) {
    ASSERT_TRUE(replace_file(path_ + "/version", "osmia-state 2\n").ok());
    const auto prepared = prepare_folders({path_, path_});
    ASSERT_FALSE(prepared.ok());
    EXPECT_NE(prepared.error().message.find("layout 2"), std::string::npos);
}

TEST_F(StateFolder, AVersionFileOfSomethingElseIsRefused) {
    ASSERT_TRUE(replace_file(path_ + "/version", "hello\n").ok());
    EXPECT_FALSE(prepare_folders({path_, path_}).ok());
}

}  // namespace
}  // namespace osmia::state
