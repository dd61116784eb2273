#include "source_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::cc {

namespace {

using namespace std::string_view_literals;

std::vector<std::string> includes(std::string_view text) {
    std::vector<std::string> result;
    for (const Include& include : find_includes(text))
        result.push_back((include.quoted ? "q " : "a ") + include.name);
    return result;
}

TEST(SourceText, ConvertsUtf16OfBothOrders) {
    EXPECT_EQ(as_utf8("\xFF\xFE"
                      "a\0\xE4\0"sv),
              "aä");
    EXPECT_EQ(as_utf8("\xFE\xFF"
                      "\0a\0\xE4"sv),
              "aä");
    EXPECT_EQ(as_utf8("\xFF\xFE\x3D\xD8\x00\xDE"sv), "😀");
}

TEST(SourceText, ReplacesLoneSurrogatesAndDropsAnOddByte) {
    EXPECT_EQ(as_utf8("\xFF\xFE\x3D\xD8\x61\x00"sv),
              "\xEF\xBF\xBD"
              "a");
    EXPECT_EQ(as_utf8("\xFF\xFE\x61\x00\x62"sv), "a");
}

TEST(SourceText, LeavesEverythingElseAlone) {
    EXPECT_EQ(as_utf8("caf\xE9"), "caf\xE9");
    EXPECT_EQ(as_utf8(""), "");
    EXPECT_FALSE(is_utf16("\xFF"));
}

TEST(SourceText, FindsIncludesInEverySpacing) {
    EXPECT_THAT(includes("#include <a.h>\n #  include\t\"b\\C.h\"\r\n#include\"d.h\" // x\n"),
                testing::ElementsAre("a a.h", "q b\\C.h", "q d.h"));
}

TEST(SourceText, FindsNoIncludesWhereThereAreNone) {
    EXPECT_TRUE(
        includes("#include MACRO\n#include <>\n#include \"x\n#define include <a.h>\ninclude <b.h>").empty());
}

}  // namespace

}  // namespace osmia::cc
