#include "listener/traffic.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

Site site_of(std::uint32_t id, std::uint32_t max_connections) {
    Site site;
    site.settings.site_id = id;
    site.settings.max_connections = max_connections;
    return site;
}

TEST(Traffic, ASiteTakesItsNumberOfConnectionsAndNoMore) {
    Traffic traffic;
    const Site site = site_of(1, 2);
    std::uint32_t first = 0, second = 0, third = 0;
    EXPECT_TRUE(traffic.take_seat(first, site));
    EXPECT_TRUE(traffic.take_seat(second, site));
    EXPECT_FALSE(traffic.take_seat(third, site));
    EXPECT_TRUE(traffic.take_seat(second, site)) << "it has a seat";
    traffic.leave_seat(first);
    EXPECT_TRUE(traffic.take_seat(third, site));
    EXPECT_EQ(third, 1u);
}

TEST(Traffic, AConnectionThatChangesItsSiteLeavesTheOtherSeatFree) {
    Traffic traffic;
    const Site one = site_of(1, 1), two = site_of(2, 0xffffffff);
    std::uint32_t seat = 0, other = 0;
    EXPECT_TRUE(traffic.take_seat(seat, one));
    EXPECT_TRUE(traffic.take_seat(seat, two));
    EXPECT_TRUE(traffic.take_seat(other, one));
    std::vector<wire::SiteCounters> counters;
    traffic.report(counters);
    ASSERT_EQ(counters.size(), 2u);
    for (const auto& one_site : counters) EXPECT_EQ(one_site.connections, 1u);
}

TEST(Traffic, RejectionsAreNamed) {
    Traffic traffic;
    traffic.reject(1, 7, http::ErrorReason::QueueFull);
    traffic.reject(1, 7, http::ErrorReason::QueueFull);
    traffic.reject(0, 0, http::ErrorReason::Header);
    wire::PoolCounters pool;
    pool.pool_id = 7;
    traffic.report(pool);
    ASSERT_EQ(pool.rejections.size(), 1u);
    EXPECT_EQ(pool.rejections[0].name, "QueueFull");
    EXPECT_EQ(pool.rejections[0].count, 2u);
    EXPECT_EQ(named_counts(traffic.refused()).size(), 2u);
}

}  // namespace
}  // namespace osmia::listener
