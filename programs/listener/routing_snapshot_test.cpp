#include "listener/routing_snapshot.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

class Routing : public testing::Test {
protected:
    Routing() {
        SnapshotBuilder builder(1);
        for (std::uint32_t id = 1; id <= 4; ++id) builder.add(wire::SnapshotSite{id, "site", {}, 0, 0});
        builder.add(wire::SnapshotBinding{1, 7, "example.org", false});
        builder.add(wire::SnapshotBinding{2, 7, "*.example.org", false});
        builder.add(wire::SnapshotBinding{3, 7, "", true});
        builder.add(wire::SnapshotBinding{4, 8, "", false});
        builder.add(wire::SnapshotApplication{1, 1, "/", 10, 0, {}});
        builder.add(wire::SnapshotApplication{2, 1, "/shop", 11, 0, {}});
        builder.add(wire::SnapshotApplication{3, 1, "/shop/admin", 12, 0, {}});
        builder.add(wire::SnapshotApplication{4, 2, "/only", 13, 0, {}});
        snapshot = builder.commit();
    }
    std::uint32_t site_of(std::uint32_t socket, std::string_view host) {
        const Site* site = snapshot->find_site(socket, host);
        return site ? site->settings.site_id : 0;
    }
    std::uint32_t pool_of(std::uint32_t site, std::string_view path) {
        const Application* application = snapshot->site(site)->find_application(path);
        return application ? application->pool_id : 0;
    }
    std::shared_ptr<const RoutingSnapshot> snapshot;
};

TEST_F(Routing, ChoosesACertificateAsItChoosesASite) {
    SnapshotBuilder builder(2);
    builder.add(wire::SnapshotBinding{1, 7, "example.org", false, true, 21});
    builder.add(wire::SnapshotBinding{1, 7, "*.example.org", false, true, 22});
    builder.add(wire::SnapshotBinding{1, 9, "", false, true, 23});
    const auto secure = builder.commit();
    EXPECT_EQ(secure->find_certificate(7, "example.org"), 21u);
    EXPECT_EQ(secure->find_certificate(7, "www.example.org"), 22u);
    EXPECT_EQ(secure->find_certificate(7, ""), 0u);
    EXPECT_EQ(secure->find_certificate(9, ""), 23u);
    EXPECT_EQ(secure->find_certificate(5, "example.org"), 0u);
    EXPECT_TRUE(secure->is_tls(7));
    EXPECT_FALSE(snapshot->is_tls(7));
    EXPECT_TRUE(secure->uses_certificate(22));
    EXPECT_FALSE(secure->uses_certificate(24));
}

TEST_F(Routing, PrefersTheHostOverAWildcardOverTheAddressOverAnything) {
    EXPECT_EQ(site_of(7, "example.org"), 1u);
    EXPECT_EQ(site_of(7, "EXAMPLE.org"), 1u);
    EXPECT_EQ(site_of(7, "a.example.org"), 2u);
    EXPECT_EQ(site_of(7, "a.b.example.org"), 2u);
    EXPECT_EQ(site_of(7, "other"), 3u);
    EXPECT_EQ(site_of(8, "other"), 4u);
    EXPECT_EQ(site_of(9, "other"), 0u);
}

TEST_F(Routing, TakesTheLongestApplicationPathInWholeSegments) {
    EXPECT_EQ(pool_of(1, "/"), 10u);
    EXPECT_EQ(pool_of(1, "/shop"), 11u);
    EXPECT_EQ(pool_of(1, "/SHOP/x"), 11u);
    EXPECT_EQ(pool_of(1, "/shopping"), 10u);
    EXPECT_EQ(pool_of(1, "/shop/admin/x"), 12u);
    EXPECT_EQ(pool_of(2, "/"), 0u);
}

}  // namespace
}  // namespace osmia::listener
