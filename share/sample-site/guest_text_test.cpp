#include "guest_text.h"

#include <gtest/gtest.h>

namespace guestbook {

TEST(GuestText, CountsCodePointsAndNotBytes) {
    EXPECT_EQ(utf8_length(""), 0);
    EXPECT_EQ(utf8_length("abc"), 3);
    EXPECT_EQ(utf8_length("Grüße, 蜂 🐝"), 10);
    EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 1);
}

TEST(GuestText, RefusesWhatIsNotUtf8) {
    for (const char* text : {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                             "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "ab\xE2\x82"}) {
        EXPECT_EQ(utf8_length(text), -1) << text;
    }
}

TEST(GuestText, TidiesLineEndsAndControlCharacters) {
    EXPECT_EQ(tidied("  \r\n a\r\nb\rc\nd \t\n"), "a\nb\nc\nd");
    EXPECT_EQ(tidied(std::string("a\0\x1B[31m\x7F!", 9)), "a[31m!");
    EXPECT_EQ(tidied(" \n\t "), "");
}

TEST(GuestText, EscapesWhatHtmlTakesForItself) {
    EXPECT_EQ(escaped("<b a=\"1\" c='2'>&amp;</b>"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;&lt;/b&gt;");
}

}  // namespace guestbook
