#include "http_fields/content_length.h"

#include <gtest/gtest.h>

namespace osmia::http_fields {
namespace {

TEST(ParseContentLength, ReadsDecimalDigitsUpTo64Bits) {
    EXPECT_EQ(0u, parse_content_length("0"));
    EXPECT_EQ(42u, parse_content_length("0042"));
    EXPECT_EQ(18446744073709551615u, parse_content_length("18446744073709551615"));
}

TEST(ParseContentLength, RefusesOverflowAndEverythingElse) {
    for (const std::string_view text :
         {"", " 1", "1 ", "+1", "-1", "1,1", "0x1", "1.", "a", "18446744073709551616", "18446744073709551620",
          "99999999999999999999"}) {
        EXPECT_FALSE(parse_content_length(text)) << text;
    }
}

}  // namespace
}  // namespace osmia::http_fields
