#include "base/network_prefix.h"

#include <gtest/gtest.h>

namespace osmia {
namespace {

TEST(NetworkPrefix, HoldsWhatBeginsWithItsBits) {
    const auto ten = NetworkPrefix::parse("10.1.2.3/8");
    ASSERT_TRUE(ten.has_value());
    EXPECT_TRUE(ten->contains("10.255.0.1"));
    EXPECT_TRUE(ten->contains("::ffff:10.0.0.1"));
    EXPECT_FALSE(ten->contains("11.0.0.1"));
    const auto odd = NetworkPrefix::parse("192.168.128.0/17");
    EXPECT_TRUE(odd->contains("192.168.255.1"));
    EXPECT_FALSE(odd->contains("192.168.127.1"));
    const auto six = NetworkPrefix::parse("2001:db8::/33");
    EXPECT_TRUE(six->contains("2001:db8:7fff::1"));
    EXPECT_FALSE(six->contains("2001:db8:8000::1"));
    EXPECT_TRUE(NetworkPrefix::parse("::1")->contains("::1"));
    EXPECT_FALSE(NetworkPrefix::parse("::1")->contains("::2"));
    EXPECT_TRUE(NetworkPrefix::parse("0.0.0.0/0")->contains("1.2.3.4"));
    EXPECT_FALSE(NetworkPrefix::parse("0.0.0.0/0")->contains("::1"));
    EXPECT_TRUE(NetworkPrefix::parse("::/0")->contains("1.2.3.4"));
}

TEST(NetworkPrefix, NothingElseIsOne) {
    for (const char* text : {"", "host", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0", "[::1]"}) {
        EXPECT_FALSE(NetworkPrefix::parse(text).has_value()) << text;
    }
    EXPECT_FALSE(NetworkPrefix::parse("::/0")->contains("unix"));
}

}  // namespace
}  // namespace osmia
