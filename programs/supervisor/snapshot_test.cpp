#include "supervisor/snapshot.h"

#include <gtest/gtest.h>

namespace osmia::supervisor {
namespace {

config::ServerConfiguration configuration() {
    config::ServerConfiguration one;
    one.pools.resize(1);
    one.pools[0].name = "p";
    one.pools[0].queue_length = 20;
    one.sites.resize(1);
    auto& site = one.sites[0];
    site.name = "s";
    site.id = 5;
    site.limits.connection_timeout = std::chrono::seconds(7);
    site.bindings.resize(1);
    site.bindings[0].protocol = "http";
    site.bindings[0].address = "*";
    site.bindings[0].port = 80;
    site.bindings[0].host = "h";
    site.applications.resize(1);
    site.applications[0].path = "/";
    site.applications[0].application_pool = "p";
    site.applications[0].settings.execution_timeout = std::chrono::seconds(3);
    site.applications[0].settings.replay = config::Replay::None;
    return one;
}

SnapshotNames names() {
    SnapshotNames one;
    one.serial = 9;
    one.pool_id = [](const std::string&) { return 11U; };
    one.pool_state = [](const std::string&) { return wire::ServiceState::Failed; };
    one.site_state = [](std::uint32_t) { return wire::ServiceState::Stopped; };
    one.application_id = [](std::uint32_t, const std::string&) { return 12U; };
    one.socket_id = [](const std::string& key) { return key == "0.0.0.0:80" ? 13U : 0U; };
    one.certificate_id = [](const std::string& binding) { return binding == "*:443:www" ? 14U : 0U; };
    one.port = [](const config::Binding& binding) { return binding.port; };
    return one;
}

template <class T>
std::vector<T> all(const std::vector<wire::SupervisorToListener>& messages) {
    std::vector<T> found;
    for (const auto& message : messages) {
        if (const auto* one = std::get_if<T>(&message)) found.push_back(*one);
    }
    return found;
}

TEST(Snapshot, CarriesEveryPoolSiteBindingAndApplication) {
    const auto one = configuration();
    const auto messages = build_snapshot(one, plan_listening(one.sites), names());
    EXPECT_EQ(std::get<wire::BeginSnapshot>(messages.front()).serial, 9u);
    EXPECT_EQ(std::get<wire::CommitSnapshot>(messages.back()).serial, 9u);
    const auto pools = all<wire::SnapshotPool>(messages);
    ASSERT_EQ(pools.size(), 1u);
    EXPECT_EQ(pools[0].pool_id, 11u);
    EXPECT_EQ(pools[0].queue_length, 20u);
    EXPECT_EQ(pools[0].state, wire::ServiceState::Failed);
    const auto sites = all<wire::SnapshotSite>(messages);
    ASSERT_EQ(sites.size(), 1u);
    EXPECT_EQ(sites[0].site_id, 5u);
    EXPECT_EQ(sites[0].idle_timeout_ms, 7000u);
    EXPECT_EQ(sites[0].state, wire::ServiceState::Stopped);
    const auto applications = all<wire::SnapshotApplication>(messages);
    ASSERT_EQ(applications.size(), 1u);
    EXPECT_EQ(applications[0].application_id, 12u);
    EXPECT_EQ(applications[0].execution_timeout_ms, 3000u);
    EXPECT_EQ(applications[0].replay, wire::ReplayPolicy::None);
}

TEST(Snapshot, LeavesOutBindingsWhoseSocketIsNotOpen) {
    const auto one = configuration();
    const auto bindings = all<wire::SnapshotBinding>(build_snapshot(one, plan_listening(one.sites), names()));
    ASSERT_EQ(bindings.size(), 1u) << "the machine has no IPv6";
    EXPECT_EQ(bindings[0].socket_id, 13u);
    EXPECT_EQ(bindings[0].host, "h");
    EXPECT_FALSE(bindings[0].ip_bound);
}

TEST(Snapshot, TellsWhichBindingIsHttpsAndWhereTheSiteRedirects) {
    auto one = configuration();
    config::Binding secure;
    secure.protocol = "https";
    secure.address = "0.0.0.0";
    secure.port = 80;
    secure.host = "www";
    one.sites[0].bindings = {secure};
    one.sites[0].hsts = {true, 60, true, true, true};
    const auto messages = build_snapshot(one, plan_listening(one.sites), names());
    const auto bindings = all<wire::SnapshotBinding>(messages);
    ASSERT_EQ(bindings.size(), 1u);
    EXPECT_TRUE(bindings[0].is_tls);
    EXPECT_EQ(all<wire::SnapshotSite>(messages)[0].strict_transport_security, "max-age=60; includeSubDomains; preload");
    EXPECT_EQ(all<wire::SnapshotSite>(messages)[0].redirect_port, 80u);
    one.sites[0].hsts.enabled = false;
    const auto off = all<wire::SnapshotSite>(build_snapshot(one, plan_listening(one.sites), names()));
    EXPECT_EQ(off[0].strict_transport_security, "");
    EXPECT_EQ(off[0].redirect_port, 0u);
}

TEST(Snapshot, LimitsFollowTheConfiguration) {
    auto one = configuration();
    EXPECT_EQ(limits_of(one).header_timeout_ms, 20'000u);
    EXPECT_EQ(limits_of(one).max_connections, wire::ListenerLimits{}.max_connections) << "0 leaves the listener's own limit";
    one.web_limits.header_wait_timeout = std::chrono::seconds(3);
    one.listener_limits.max_connections = 4;
    one.listener_limits.max_header_bytes = 5;
    EXPECT_EQ(limits_of(one).header_timeout_ms, 3000u);
    EXPECT_EQ(limits_of(one).max_connections, 4u);
    EXPECT_EQ(limits_of(one).max_header_bytes, 5u);
}

TEST(ToMilliseconds, KeepsToWhatFits) {
    EXPECT_EQ(to_milliseconds(std::chrono::milliseconds(0xffffffffLL)), 0xffffffffu);
    EXPECT_EQ(to_milliseconds(std::chrono::milliseconds(0x100000000LL)), 0xffffffffu);
    EXPECT_EQ(to_milliseconds(std::chrono::milliseconds(-1)), 0u);
}

TEST(Snapshot, AnIdleConnectionEndsByItsSiteElseByTheMachine) {
    auto one = configuration();
    one.web_limits.connection_timeout = std::chrono::seconds(30);
    one.sites.front().limits.connection_timeout = config::SiteLimits().connection_timeout;
    const auto idle_times = [&] {
        std::vector<std::uint32_t> times;
        for (const auto& site : all<wire::SnapshotSite>(build_snapshot(one, plan_listening(one.sites), names()))) times.push_back(site.idle_timeout_ms);
        return times;
    };
    EXPECT_EQ(idle_times().front(), 30'000u);
    one.sites.front().limits.connection_timeout = std::chrono::seconds(9);
    EXPECT_EQ(idle_times().front(), 9'000u);
    one.sites.front().limits.connection_timeout = {};
    one.listener_limits.idle_timeout = std::chrono::seconds(5);
    EXPECT_EQ(idle_times().front(), 5'000u);
}

}  // namespace
}  // namespace osmia::supervisor
