#include "http_fields/field_syntax.h"

#include <gtest/gtest.h>

#include <string>

namespace osmia::http_fields {
namespace {

TEST(TokenCharacters, AreExactlyThoseOfTheRfc) {
    std::string accepted;
    for (int c = 0; c < 256; ++c) {
        if (is_token_character(static_cast<char>(c))) accepted += static_cast<char>(c);
    }
    EXPECT_EQ("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~", accepted);
}

TEST(IsToken, NeedsAtLeastOneCharacter) {
    EXPECT_TRUE(is_token("a"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
}

TEST(FindControl, FindsEveryControlCharacterAtEveryPlace) {
    for (int c = 0; c < 256; ++c) {
        const bool is_control = (c < 0x20 && c != '\t') || c == 0x7f;
        for (const std::size_t size : {1u, 15u, 16u, 17u, 31u, 32u, 40u}) {
            for (std::size_t at = 0; at < size; ++at) {
                std::string text(size, 'a');
                text[at] = static_cast<char>(c);
                ASSERT_EQ(is_control ? at : size, find_control(text)) << "byte " << c << " at " << at;
            }
        }
    }
}

TEST(FindControl, FindsTheFirstOfSeveral) {
    std::string text(64, 'a');
    text[50] = text[20] = text[19] = '\n';
    EXPECT_EQ(19u, find_control(text));
    EXPECT_EQ(0u, find_control(""));
}

TEST(IsFieldValue, HasNoBlanksAtItsEnds) {
    EXPECT_TRUE(is_field_value(""));
    EXPECT_TRUE(is_field_value("a\tb c"));
    EXPECT_FALSE(is_field_value(" a"));
    EXPECT_FALSE(is_field_value("a\t"));
    EXPECT_FALSE(is_field_value("a\r\nb"));
}

TEST(TrimBlanks, LeavesOtherWhiteSpaceAlone) {
    EXPECT_EQ("a", trim_blanks(" \ta\t "));
    EXPECT_EQ("\va", trim_blanks(" \va"));
    EXPECT_EQ("", trim_blanks(" \t "));
}

}  // namespace
}  // namespace osmia::http_fields
