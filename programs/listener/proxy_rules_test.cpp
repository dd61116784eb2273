#include "listener/proxy_rules.h"

#include <gtest/gtest.h>

namespace osmia::listener {
namespace {

using Headers = std::vector<wire::RequestDescription::Header>;

std::string client(const Headers& headers, std::string_view peer = "10.0.0.1", bool reads = true) {
    wire::SnapshotProxy message;
    message.forwarded_for = reads;
    message.trusted = {"10.0.0.0/8", "::1"};
    return ProxyRules(message).client_of(peer, headers);
}

TEST(ProxyRules, TheLastAddressThatIsNoProxysIsTheClients) {
    EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, 2.2.2.2, 10.0.0.9"}}), "2.2.2.2");
    EXPECT_EQ(client({{"x-forwarded-for", "1.1.1.1"}, {"Host", "a"}, {"X-Forwarded-For", "10.0.0.3"}}), "1.1.1.1");
    EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}), "10.0.0.3") << "all are proxies: the first of them began";
    EXPECT_EQ(client({{"X-Forwarded-For", " [2001:db8::1]:99 ,1.2.3.4:567"}}), "1.2.3.4");
    EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::1]:99"}}, "::1"), "2001:db8::1");
}

TEST(ProxyRules, StrangersAndSilenceChangeNothing) {
    const Headers headers{{"X-Forwarded-For", "1.1.1.1"}};
    EXPECT_EQ(client(headers, "11.0.0.1"), "");
    EXPECT_EQ(client(headers, ""), "") << "a unix socket";
    EXPECT_EQ(client(headers, "10.0.0.1", false), "");
    EXPECT_EQ(client({{"Host", "a"}}), "");
}

TEST(ProxyRules, NonsenseEndsTheList) {
    EXPECT_EQ(client({{"X-Forwarded-For", "unknown"}}), "");
    EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, evil, 10.0.0.5"}}), "10.0.0.5");
    EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1,,"}}), "");
    EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.0/24"}}), "");
}

TEST(ProxyRules, ThirtyTwoProxiesAreFollowedAndNoMore) {
    std::string list = "9.9.9.9";
    for (int i = 0; i < 31; ++i) list += ",10.0.0.1";
    EXPECT_EQ(client({{"X-Forwarded-For", list}}), "9.9.9.9");
    EXPECT_EQ(client({{"X-Forwarded-For", list + ",10.0.0.2"}}), "10.0.0.1");
}

}  // namespace
}  // namespace osmia::listener
