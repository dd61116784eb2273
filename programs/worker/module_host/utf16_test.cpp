#include "worker/module_host/utf16.h"

#include <gtest/gtest.h>

namespace osmia::worker {
namespace {

TEST(Utf16, ConvertsEveryLengthOfSequenceBothWays) {
    const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d";
    const std::u16string wide = u"a\u00e9\u20ac\U0001f41d";
    EXPECT_EQ(to_utf16(text), wide);
    EXPECT_EQ(to_utf8(wide), text);
}

TEST(Utf16, ReplacesWhatIsIllFormed) {
    EXPECT_EQ(to_utf16("\xff"), u"\ufffd");
    EXPECT_EQ(to_utf16("\xc0\xaf"), u"\ufffd\ufffd") << "overlong";
    EXPECT_EQ(to_utf16("\xe2\x82"), u"\ufffd\ufffd") << "truncated";
    EXPECT_EQ(to_utf16("\xed\xa0\x80"), u"\ufffd\ufffd\ufffd") << "an encoded surrogate";
    const char16_t lone[] = {0xd800, u'x', 0};
    EXPECT_EQ(to_utf8(lone), "\xef\xbf\xbdx");
}

}  // namespace
}  // namespace osmia::worker
