#include "supervisor/listen_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace osmia::supervisor {
namespace {

config::Binding binding(const std::string& address, std::uint16_t port, const std::string& host = {}) {
    config::Binding one;
    one.protocol = "http";
    one.address = address;
    one.port = port;
    one.host = host;
    return one;
}

config::SiteConfiguration site(std::uint32_t id, std::vector<config::Binding> bindings) {
    config::SiteConfiguration one;
    one.id = id;
    one.bindings = std::move(bindings);
    return one;
}

std::string text_of(const ListenPlan& plan) {
    std::string text;
    for (const auto& socket : plan.sockets) {
        text += socket.key + (socket.optional ? " optional" : "") + (socket.share_port ? " shared" : "") + "\n";
    }
    for (const auto& one : plan.bindings) {
        text += fmt::format("{} <- {} '{}'{}\n", one.site_id, one.key, one.host, one.ip_bound ? " ip" : "");
    }
    return text;
}

TEST(ListenPlan, AnAddressIsOneSocketAndAnIpBoundBinding) {
    EXPECT_EQ(text_of(plan_listening({site(1, {binding("127.0.0.1", 80), binding("::1", 80)})})),
              "127.0.0.1:80\n[::1]:80\n1 <- 127.0.0.1:80 '' ip\n1 <- [::1]:80 '' ip\n");
}

TEST(ListenPlan, TheWildcardListensOnBothFamilies) {
    EXPECT_EQ(text_of(plan_listening({site(1, {binding("*", 80)})})),
              "0.0.0.0:80\n[::]:80 optional\n1 <- 0.0.0.0:80 ''\n1 <- [::]:80 ''\n");
}

TEST(ListenPlan, SitesWithHostNamesShareASocket) {
    EXPECT_EQ(text_of(plan_listening({site(1, {binding("127.0.0.1", 80, "a")}), site(2, {binding("127.0.0.1", 80, "b")})})),
              "127.0.0.1:80\n1 <- 127.0.0.1:80 'a' ip\n2 <- 127.0.0.1:80 'b' ip\n");
}

TEST(ListenPlan, TheWildcardIsAlsoReachedThroughASocketWithAnAddress) {
    EXPECT_EQ(text_of(plan_listening({site(1, {binding("*", 80)}), site(2, {binding("127.0.0.1", 80)}), site(3, {binding("127.0.0.1", 81)})})),
              "0.0.0.0:80 shared\n[::]:80 optional shared\n127.0.0.1:80 shared\n127.0.0.1:81\n"
              "1 <- 0.0.0.0:80 ''\n1 <- [::]:80 ''\n1 <- 127.0.0.1:80 ''\n2 <- 127.0.0.1:80 '' ip\n3 <- 127.0.0.1:81 '' ip\n");
}

TEST(ListenPlan, AUnixSocketIsNoWildcard) {
    config::Binding one;
    one.protocol = "http";
    one.unix_path = "/run/x.sock";
    EXPECT_EQ(text_of(plan_listening({site(1, {one, binding("*", 80)})})),
              "unix:/run/x.sock\n0.0.0.0:80\n[::]:80 optional\n1 <- unix:/run/x.sock ''\n1 <- 0.0.0.0:80 ''\n1 <- [::]:80 ''\n");
}

TEST(UrlOf, ShowsWhatABrowserTakes) {
    EXPECT_EQ(url_of(binding("127.0.0.1", 8080), 8080), "http://127.0.0.1:8080/");
    EXPECT_EQ(url_of(binding("127.0.0.1", 0), 41234), "http://127.0.0.1:41234/");
    EXPECT_EQ(url_of(binding("::1", 80), 80), "http://[::1]:80/");
    EXPECT_EQ(url_of(binding("*", 80, "example.org"), 80), "http://example.org:80/");
    EXPECT_EQ(url_of(binding("*", 80), 80), "http://*:80/");
    config::Binding one;
    one.unix_path = "/run/x.sock";
    EXPECT_EQ(url_of(one, 0), "unix:/run/x.sock");
}

}  // namespace
}  // namespace osmia::supervisor
