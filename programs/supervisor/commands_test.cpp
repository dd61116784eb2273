#include "supervisor/commands.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "supervisor/views.h"

namespace osmia::supervisor {
namespace {

ControlPeer peer(uid_t uid, gid_t gid = 7, std::vector<gid_t> groups = {}) { return {1, uid, gid, std::move(groups)}; }

TEST(Permission, RootAndTheOwnerMayDoEverything) {
    EXPECT_EQ(permission_of(peer(0), 1000, 50, false), Permission::Everything);
    EXPECT_EQ(permission_of(peer(1000), 1000, 50, false), Permission::Everything);
}

TEST(Permission, MembersOfTheGroupRead) {
    EXPECT_EQ(permission_of(peer(2000, 50), 1000, 50, false), Permission::Read);
    EXPECT_EQ(permission_of(peer(2000, 7, {8, 50}), 1000, 50, false), Permission::Read);
    EXPECT_EQ(permission_of(peer(2000, 7, {8}), 1000, 50, false), Permission::Nothing);
    EXPECT_EQ(permission_of(peer(2000, 50), 1000, std::nullopt, false), Permission::Nothing);
}

TEST(Permission, AWorkersDescendantMayDoNothingWhoeverItIs) {
    EXPECT_EQ(permission_of(peer(0), 0, 50, true), Permission::Nothing);
    EXPECT_EQ(permission_of(peer(1000, 50), 1000, 50, true), Permission::Nothing);
}

TEST(FindGroup, ReadsTheFile) {
    std::string file = testing::TempDir() + "osmia-group-XXXXXX";
    ::close(::mkstemp(file.data()));
    ASSERT_TRUE(replace_file(file, "root:x:0:\nosmia:x:421:alice,bob\n").ok());
    EXPECT_EQ(find_group("osmia", file), std::optional<gid_t>(421));
    EXPECT_EQ(find_group("nobody-here", file), std::nullopt);
    std::filesystem::remove(file);
    EXPECT_EQ(find_group("osmia", file), std::nullopt);
}

TEST(IsoTime, IsUtc) {
    EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(iso_time(1'795'305'599'999), "2026-11-21T23:59:59Z");
}

}  // namespace
}  // namespace osmia::supervisor
