#include "supervisor/identities.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/files.h"

namespace osmia::supervisor {
namespace {

class IdentitiesTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-identities-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        path_ = folder_ + "/identities";
        ASSERT_TRUE(replace_file(folder_ + "/passwd",
                                 "root:x:0:0:root:/root:/bin/sh\nshop:x:1001:1002:A shop:/srv/shop:/bin/false\n").ok());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string folder_, path_;
};

TEST_F(IdentitiesTest, ANameKeepsItsNumberAcrossLoads) {
    auto first = Identities::load(path_, 5000).value();
    const Identity shop = first.automatic("pool shop").value();
    const Identity blog = first.automatic("pool blog").value();
    EXPECT_EQ(shop, (Identity{5000, 5000}));
    EXPECT_EQ(blog, (Identity{5001, 5001}));

    auto second = Identities::load(path_, 5000).value();
    EXPECT_EQ(second.automatic("pool blog").value(), blog);
    EXPECT_EQ(second.automatic("pool new").value(), (Identity{5002, 5002}));
    EXPECT_EQ(second.automatic("pool shop").value(), shop);
}

TEST_F(IdentitiesTest, TheRangeHasALimit) {
    std::string text;
    for (uid_t i = 0; i + 1 < MaxAutomaticIdentities; ++i) text += fmt::format("{} pool {}\n", 5000 + i, i);
    ASSERT_TRUE(replace_file(path_, text).ok());
    auto identities = Identities::load(path_, 5000).value();
    EXPECT_TRUE(identities.automatic("the last").ok());
    const auto beyond = identities.automatic("one more");
    ASSERT_FALSE(beyond.ok());
    EXPECT_EQ(beyond.error().kind, ErrorKind::Busy);
}

TEST_F(IdentitiesTest, AMalformedFileIsAnError) {
    ASSERT_TRUE(replace_file(path_, "x pool\n").ok());
    EXPECT_FALSE(Identities::load(path_, 5000).ok());
    ASSERT_TRUE(replace_file(path_, "5000\n").ok());
    EXPECT_FALSE(Identities::load(path_, 5000).ok());
}

TEST_F(IdentitiesTest, UsersComeFromThePasswordFileOrAsNumbers) {
    EXPECT_EQ(identity_of_user("shop", folder_ + "/passwd").value(), (Identity{1001, 1002}));
    EXPECT_EQ(identity_of_user("#7", folder_ + "/passwd").value(), (Identity{7, 7}));
    EXPECT_EQ(identity_of_user("#7:8", folder_ + "/passwd").value(), (Identity{7, 8}));
    EXPECT_EQ(identity_of_user("nobody-here", folder_ + "/passwd").error().kind, ErrorKind::NotFound);
    for (const char* bad : {"#", "#x", "#7:", "#7:x", "#-1"}) EXPECT_FALSE(identity_of_user(bad).ok()) << bad;
}

TEST_F(IdentitiesTest, NamesOfUsersLeadBackToThem) {
    EXPECT_EQ(user_of(1001, 1002, folder_ + "/passwd"), "shop");
    EXPECT_EQ(user_of(4321, 99, folder_ + "/passwd"), "#4321:99");
}

TEST(FirstAutomaticUid, LeavesTheHighRangeOnlyInASmallNamespace) {
    EXPECT_EQ(first_automatic_uid("         0          0 4294967295\n"), FirstAutomaticUid);
    EXPECT_EQ(first_automatic_uid("0 100000 65536\n"), FirstSmallNamespaceUid);
    EXPECT_EQ(first_automatic_uid(""), FirstSmallNamespaceUid);
    EXPECT_EQ(first_automatic_uid(fmt::format("0 0 {}\n", FirstAutomaticUid + MaxAutomaticIdentities)), FirstAutomaticUid);
    EXPECT_EQ(first_automatic_uid(fmt::format("0 0 {}\n", FirstAutomaticUid + MaxAutomaticIdentities - 1)), FirstSmallNamespaceUid);
}

}  // namespace
}  // namespace osmia::supervisor
