#include "http_fields/header_block.h"

#include <gtest/gtest.h>

#include <string>

namespace osmia::http_fields {
namespace {

using std::string_view_literals::operator""sv;

/// "name=value|name=value|" and where the block ends; "refused" for an error.
std::string describe(std::string_view text, LineSyntax syntax = LineSyntax::Tolerant) {
    const auto block = parse_header_block(text, syntax);
    if (!block.ok()) return "refused";
    std::string result;
    for (const Field& field : block.value().fields) {
        result += std::string(field.name) + "=" + std::string(field.value) + "|";
    }
    return result + (block.value().terminated ? "end " : "open ") + std::to_string(block.value().size);
}

TEST(ParseHeaderBlock, ReadsFieldsUpToTheBlankLine) {
    EXPECT_EQ("A=1|B=2|end 16", describe("A: 1\r\nB:  2\t\r\n\r\nbody"));
    EXPECT_EQ("end 2", describe("\r\nA: 1\r\n\r\n"));
    EXPECT_EQ("A=|end 6", describe("A:\r\n\r\n"));
}

TEST(ParseHeaderBlock, ToleratesLineEndsOfLfAlone) {
    EXPECT_EQ("A=1|B=2|end 11", describe("A: 1\nB: 2\n\nbody"));
    EXPECT_EQ("A=1|B=2|end 13", describe("A: 1\r\nB: 2\n\r\nbody"));
    EXPECT_EQ("refused", describe("A: 1\nB: 2\n\n", LineSyntax::Strict));
    EXPECT_EQ("refused", describe("A: 1\r\n\n", LineSyntax::Strict));
}

TEST(ParseHeaderBlock, TakesABlockThatEndsWithTheText) {
    EXPECT_EQ("A=1|open 4", describe("A: 1"));
    EXPECT_EQ("A=1|open 6", describe("A: 1\r\n"));
    EXPECT_EQ("open 0", describe(""));
    EXPECT_EQ("refused", describe("A: 1", LineSyntax::Strict));
}

TEST(ParseHeaderBlock, DropsBlanksBeforeTheColonOnlyWhenTolerant) {
    EXPECT_EQ("A=1|end 9", describe("A : 1\r\n\r\n"));
    EXPECT_EQ("refused", describe("A : 1\r\n\r\n", LineSyntax::Strict));
}

TEST(ParseHeaderBlock, KnowsWellKnownFields) {
    const auto block = parse_header_block("content-TYPE: t\r\nX-Own: y\r\n\r\n");
    ASSERT_TRUE(block.ok());
    ASSERT_NE(nullptr, block.value().find(http::HeaderId::ContentType));
    EXPECT_EQ("t", block.value().find(http::HeaderId::ContentType)->value);
    EXPECT_EQ(nullptr, block.value().find(http::HeaderId::Location));
}

TEST(ParseHeaderBlock, RefusesWhatCouldBecomeSomethingElse) {
    for (const LineSyntax syntax : {LineSyntax::Tolerant, LineSyntax::Strict}) {
        for (const std::string_view text :
             {"A: 1\r\n B: 2\r\n\r\n"sv, "A: 1\r\n\tB\r\n\r\n"sv, " A: 1\r\n\r\n"sv, "A 1\r\n\r\n"sv,
              ": 1\r\n\r\n"sv, "A: 1\rB: 2\r\n\r\n"sv, "A: 1\r\r\n\r\n"sv, "A: \0\r\n\r\n"sv,
              "A\0: 1\r\n\r\n"sv, "A B: 1\r\n\r\n"sv, "A: \x1b\r\n\r\n"sv, "HTTP/1.1 200 OK\r\n\r\n"sv,
              "A: 1\r\n\r\r\n"sv, "\xc3\xa9: 1\r\n\r\n"sv}) {
            EXPECT_EQ("refused", describe(text, syntax)) << text;
        }
    }
}

TEST(ParseHeaderBlock, NamesTheLineThatIsWrong) {
    const auto block = parse_header_block("A: 1\r\nB 2\r\n\r\n");
    ASSERT_FALSE(block.ok());
    EXPECT_EQ(ErrorKind::Invalid, block.error().kind);
    EXPECT_EQ("header line 2 has no colon", block.error().message);
}

TEST(ParseHeaderBlock, HonoursItsLimitsExactly) {
    const std::string_view text = "A: 1\r\nB: 2\r\n\r\n";
    EXPECT_TRUE(parse_header_block(text, LineSyntax::Tolerant, {.bytes = 14}).ok());
    EXPECT_FALSE(parse_header_block(text, LineSyntax::Tolerant, {.bytes = 13}).ok());
    EXPECT_TRUE(parse_header_block(text, LineSyntax::Tolerant, {.fields = 2}).ok());
    EXPECT_FALSE(parse_header_block(text, LineSyntax::Tolerant, {.fields = 1}).ok());
}

TEST(FindBlockEnd, FindsTheBlankLineOfAnyKind) {
    constexpr auto None = std::string_view::npos;
    EXPECT_EQ(8u, find_block_end("A: 1\r\n\r\nbody"));
    EXPECT_EQ(6u, find_block_end("A: 1\n\nbody"));
    EXPECT_EQ(7u, find_block_end("A: 1\n\r\nbody"));
    EXPECT_EQ(2u, find_block_end("\r\nbody"));
    EXPECT_EQ(1u, find_block_end("\nbody"));
    EXPECT_EQ(None, find_block_end("A: 1\r\n"));
    EXPECT_EQ(None, find_block_end("A: 1\r\n\r"));
    EXPECT_EQ(None, find_block_end(""));
}

}  // namespace
}  // namespace osmia::http_fields
