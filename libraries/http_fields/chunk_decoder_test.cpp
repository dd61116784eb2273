#include "http_fields/chunk_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osmia::http_fields {
namespace {

using Kind = ChunkStep::Kind;

struct Outcome {
    Kind kind = Kind::NeedMore;
    ChunkError error = ChunkError::None;
    std::string content, trailer;
    std::size_t used = 0;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds pieces of at most \a first, then \a rest bytes, each from a buffer of exactly its size.
Outcome decode(std::string_view text, LineSyntax syntax, std::size_t first = ~std::size_t{0},
               std::size_t rest = ~std::size_t{0}, const http::ChunkLimits& limits = {}) {
    ChunkDecoder decoder(syntax, limits);
    Outcome outcome;
    std::size_t size = first;
    while (outcome.used < text.size() && (outcome.kind == Kind::NeedMore || outcome.kind == Kind::Data)) {
        const std::string piece(text.substr(outcome.used, size));
        const ChunkStep step = decoder.next(piece);
        outcome.kind = step.kind;
        outcome.content += step.data;
        outcome.used += step.consumed;
        if (step.consumed == 0 && step.kind == Kind::NeedMore) break;
        size = rest;
    }
    if (outcome.kind == Kind::Data) outcome.kind = decoder.next("").kind;
    outcome.error = decoder.error();
    if (decoder.at_end()) outcome.trailer = decoder.trailer_section();
    EXPECT_EQ(outcome.content.size(), decoder.content_size());
    return outcome;
}

struct Row {
    std::string_view text;
    ChunkError strict, tolerant;
    std::string_view content, trailer;
};

using enum ChunkError;

constexpr Row Table[] = {
    {"0\r\n\r\n", None, None, "", ""},
    {"1\r\na\r\n0\r\n\r\n", None, None, "a", ""},
    {"a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n", None, None, "01234567890123456789", ""},
    {"3\r\n\r\n0\r\n0\r\n\r\n", None, None, "\r\n0", ""},
    {"1;x\r\na\r\n0;y=z\r\n\r\n", None, None, "a", ""},
    {"1 ; x = \"a;\\\"b\" ;y\r\na\r\n0\r\n\r\n", None, None, "a", ""},
    {"0\r\nA: 1\r\nB: 2\r\n\r\n", None, None, "", "A: 1\r\nB: 2\r\n\r\n"},
    {"1\na\n0\n\n", BadLineEnd, None, "a", ""},
    {"1\r\na\n0\r\n\r\n", BadLineEnd, None, "a", ""},
    {"1\r\na\r\n0\r\n\n", BadLineEnd, None, "a", ""},
    {"0\nA: 1\n\n", BadLineEnd, None, "", "A: 1\n\n"},
    {"1  \r\na\r\n0  \r\n\r\n", BadExtension, None, "a", ""},
    {"1;x \r\na\r\n0\r\n\r\n", BadExtension, None, "a", ""},
    {"1\ra", BadLineEnd, BadLineEnd, "", ""},
    {"1\r\nab", BadLineEnd, BadLineEnd, "a", ""},
    {"1\r\na\rb", BadLineEnd, BadLineEnd, "a", ""},
    {"0\r\n\ra", BadLineEnd, BadLineEnd, "", ""},
    {"0\r\nA: 1\rB", BadLineEnd, BadLineEnd, "", ""},
    {"\r\n", BadSize, BadSize, "", ""},
    {";x\r\n", BadSize, BadSize, "", ""},
    {"x\r\n", BadSize, BadSize, "", ""},
    {" 1\r\n", BadSize, BadSize, "", ""},
    {"-1\r\n", BadSize, BadSize, "", ""},
    {"0x1\r\n", BadSize, BadSize, "", ""},
    {"1g\r\n", BadSize, BadSize, "", ""},
    {"10000000000000000\r\n", BadSize, BadSize, "", ""},
    {"1 1\r\n", BadExtension, BadExtension, "", ""},
    {"1;\r\n", BadExtension, BadExtension, "", ""},
    {"1;;\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=\r\n", BadExtension, BadExtension, "", ""},
    {"1;a==b\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=b=c\r\n", BadExtension, BadExtension, "", ""},
    {"1;a b\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=\"b\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=\"b\"c\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=\"\\\r\n", BadExtension, BadExtension, "", ""},
    {"1;a=\"\x01\"\r\n", BadExtension, BadExtension, "", ""},
    {"1;(\r\n", BadExtension, BadExtension, "", ""},
};

TEST(ChunkDecoder, DecodesOrRefusesAsItsSyntaxSays) {
    for (const Row& row : Table) {
        for (const LineSyntax syntax : {LineSyntax::Strict, LineSyntax::Tolerant}) {
            const Outcome outcome = decode(row.text, syntax);
            const ChunkError want = syntax == LineSyntax::Strict ? row.strict : row.tolerant;
            EXPECT_EQ(want, outcome.error) << row.text;
            EXPECT_EQ(want == None ? Kind::End : Kind::Failed, outcome.kind) << row.text;
            if (want != None) continue;
            EXPECT_EQ(row.content, outcome.content);
            EXPECT_EQ(row.trailer, outcome.trailer);
            EXPECT_EQ(row.text.size(), outcome.used);
        }
    }
}

TEST(ChunkDecoder, DoesNotCareHowItsInputIsCut) {
    for (const Row& row : Table) {
        for (const LineSyntax syntax : {LineSyntax::Strict, LineSyntax::Tolerant}) {
            const Outcome whole = decode(row.text, syntax);
            EXPECT_EQ(whole, decode(row.text, syntax, 1, 1)) << row.text;
            for (std::size_t at = 1; at < row.text.size(); ++at) {
                EXPECT_EQ(whole, decode(row.text, syntax, at)) << row.text << " cut at " << at;
            }
        }
    }
}

TEST(ChunkDecoder, LeavesWhatFollowsTheBody) {
    EXPECT_EQ(5u, decode("0\r\n\r\nGET / HTTP/1.1", LineSyntax::Strict).used);
}

TEST(ChunkDecoder, HandsOutContentAsPartsOfItsInput) {
    ChunkDecoder decoder(LineSyntax::Strict);
    const std::string_view input = "5\r\nabc";
    const ChunkStep step = decoder.next(input);
    EXPECT_EQ(Kind::Data, step.kind);
    EXPECT_EQ(input.data() + 3, step.data.data());
    EXPECT_EQ(6u, step.consumed);
}

TEST(ChunkDecoder, KnowsTheContentIsCompleteBeforeTheTrailerSectionIs) {
    ChunkDecoder decoder(LineSyntax::Tolerant);
    EXPECT_EQ(Kind::Data, decoder.next("1\r\na").kind);
    EXPECT_FALSE(decoder.content_complete());
    EXPECT_EQ(Kind::NeedMore, decoder.next("\r\n0\r\n").kind);
    EXPECT_TRUE(decoder.content_complete());
    EXPECT_FALSE(decoder.at_end());
    EXPECT_EQ(Kind::Failed, decoder.next("\rx").kind);
    EXPECT_FALSE(decoder.content_complete());
}

TEST(ChunkDecoder, TakesAChunkOf64Bits) {
    ChunkDecoder decoder(LineSyntax::Strict);
    const ChunkStep step = decoder.next("ffffffffffffffff\r\nabc");
    EXPECT_EQ(Kind::Data, step.kind);
    EXPECT_EQ("abc", step.data);
}

TEST(ChunkDecoder, HonoursEveryLimitExactly) {
    const auto error = [](std::string_view text, http::ChunkLimits limits) {
        return decode(text, LineSyntax::Strict, 1, 1, limits).error;
    };
    EXPECT_EQ(None, error("0;ab\r\n\r\n", {.line_bytes = 4}));
    EXPECT_EQ(None, error("1;ab\r\nx\r\n1;ab\r\nx\r\n0\r\n\r\n", {.line_bytes = 4})) << "each line by itself";
    EXPECT_EQ(LineTooLong, error("0;abc\r\n\r\n", {.line_bytes = 4}));
    EXPECT_EQ(None, error("1;a\r\nx\r\n0;b\r\n\r\n", {.extension_bytes = 4}));
    EXPECT_EQ(ExtensionsTooLong, error("1;a\r\nx\r\n0;bc\r\n\r\n", {.extension_bytes = 4}));
    EXPECT_EQ(None, error("0\r\nA: 1\r\n\r\n", {.trailer_bytes = 8}));
    EXPECT_EQ(TrailerTooLong, error("0\r\nA: 12\r\n\r\n", {.trailer_bytes = 8}));
}

}  // namespace
}  // namespace osmia::http_fields
