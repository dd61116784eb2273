#include "http/authority.h"

#include <gtest/gtest.h>

#include <string>

namespace osmia::http {
namespace {

TEST(ParseAuthority, ReadsNamesAddressesAndPorts) {
    struct Row {
        std::string_view text, host;
        std::uint16_t port;
    };
    const Row table[] = {{"a", "a", 0},
                         {"example.com:80", "example.com", 80},
                         {"EXAMPLE.com.:65535", "EXAMPLE.com.", 65535},
                         {"under_score~1-2", "under_score~1-2", 0},
                         {"a:", "a", 0},
                         {"a:00080", "a", 80},
                         {"127.0.0.1:1", "127.0.0.1", 1},
                         {"[::1]", "[::1]", 0},
                         {"[2001:db8::1.2.3.4]:8080", "[2001:db8::1.2.3.4]", 8080}};
    for (const Row& row : table) {
        const auto authority = parse_authority(row.text);
        ASSERT_TRUE(authority) << row.text;
        EXPECT_EQ(row.host, authority->host);
        EXPECT_EQ(row.port, authority->port);
    }
}

TEST(ParseAuthority, RefusesWhateverHasTwoReadingsOrNone) {
    using std::string_view_literals::operator""sv;
    for (const std::string_view text :
         {""sv,        ":80"sv,     "a b"sv,      " a"sv,         "a,b"sv,    "u@a"sv,      "a/b"sv,
          "a\\b"sv,    "a?b"sv,     "a#b"sv,      "%61"sv,        "a\0"sv,    "\xc3\xa9"sv, "a:0"sv,
          "a:65536"sv, "a:99999"sv, "a:000080"sv, "a:-1"sv,       "a:8x"sv,   "a:1:2"sv,    "::1"sv,
          "[]"sv,      "[::1"sv,    "[::1]a"sv,   "[::1%eth0]"sv, "[v1.a]"sv, "[1:2]"sv,    "[127.0.0.1]"sv,
          "[::1\0]"sv, "a!b"sv,     "a;b"sv}) {
        EXPECT_FALSE(parse_authority(text)) << text;
    }
}

TEST(ParseAuthority, TakesAHostOf255BytesAndNoLonger) {
    EXPECT_TRUE(parse_authority(std::string(MaxHostLength, 'a')));
    EXPECT_FALSE(parse_authority(std::string(MaxHostLength + 1, 'a')));
}

}  // namespace
}  // namespace osmia::http
