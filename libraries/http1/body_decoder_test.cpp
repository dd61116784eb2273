#include "http1/body_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "http1/request_parser.h"

namespace osmia::http1 {
namespace {

using http_fields::ChunkStep;
using Kind = http_fields::ChunkStep::Kind;

/// Parses a head that must be good.
RequestParser parsed(std::string_view head) {
    RequestParser parser;
    EXPECT_EQ(ParseState::Complete, parser.parse(head));
    return parser;
}

constexpr std::string_view Plain = "GET / HTTP/1.0\r\n\r\n";
constexpr std::string_view WithLength = "PUT / HTTP/1.0\r\nContent-Length: 5\r\n\r\n";
constexpr std::string_view Chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST(BodyDecoder, IsAtItsEndWithoutContent) {
    BodyDecoder body(parsed(Plain).request());
    EXPECT_TRUE(body.at_end());
    const ChunkStep step = body.next("GET");
    EXPECT_EQ(Kind::End, step.kind);
    EXPECT_EQ(0u, step.consumed);
}

TEST(BodyDecoder, TakesNoByteBeyondTheContentLength) {
    BodyDecoder body(parsed(WithLength).request());
    EXPECT_EQ(Kind::NeedMore, body.next("").kind);
    EXPECT_EQ("ab", body.next("ab").data);
    EXPECT_FALSE(body.at_end());
    const ChunkStep step = body.next("cdeGET");
    EXPECT_EQ("cde", step.data);
    EXPECT_EQ(3u, step.consumed);
    EXPECT_TRUE(body.at_end());
    EXPECT_EQ(5u, body.content_size());
    EXPECT_EQ(Kind::End, body.next("GET").kind);
}

TEST(BodyDecoder, HandsOutTheTrailersOfAChunkedBody) {
    BodyDecoder body(parsed(Chunked).request());
    const ChunkStep step = body.next("0\r\nX-Sum:  7 \r\nCookie: c\r\nX-B: 8\r\n\r\nGET");
    ASSERT_EQ(Kind::End, step.kind);
    EXPECT_TRUE(body.at_end());
    ASSERT_EQ(2u, body.trailers().size()) << "Cookie is not for trailers";
    EXPECT_EQ("X-Sum", body.trailers()[0].name);
    EXPECT_EQ("7", body.trailers()[0].value);
    EXPECT_EQ("X-B", body.trailers()[1].name);
}

TEST(BodyDecoder, StaysFailed) {
    BodyDecoder body(parsed(Chunked).request());
    EXPECT_EQ(Kind::Failed, body.next("x").kind);
    EXPECT_EQ(Kind::Failed, body.next("0\r\n\r\n").kind);
    EXPECT_EQ(400, body.error().status);
}

TEST(BodyDecoder, StaysFailedAfterARefusedTrailer) {
    BodyDecoder body(parsed(Chunked).request());
    EXPECT_EQ(Kind::Failed, body.next("0\r\nHost: b\r\n\r\n").kind);
    EXPECT_EQ(Kind::Failed, body.next("").kind);
    EXPECT_FALSE(body.at_end());
}

TEST(BodyDecoder, CountsTheContentOfChunksOnly) {
    BodyDecoder body(parsed(Chunked).request());
    std::string_view input = "3;e=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    std::string content;
    for (ChunkStep step = body.next(input); step.kind == Kind::Data; step = body.next(input)) {
        content += step.data;
        input.remove_prefix(step.consumed);
    }
    EXPECT_EQ("abcde", content);
    EXPECT_EQ(5u, body.content_size());
}

TEST(BodyDecoder, HonoursConfiguredTrailerLimits) {
    const http::ChunkLimits limits{.trailer_count = 1};
    BodyDecoder good(parsed(Chunked).request(), limits);
    EXPECT_EQ(Kind::End, good.next("0\r\nA: 1\r\n\r\n").kind);
    BodyDecoder bad(parsed(Chunked).request(), limits);
    EXPECT_EQ(Kind::Failed, bad.next("0\r\nA: 1\r\nB: 2\r\n\r\n").kind);
}

}  // namespace
}  // namespace osmia::http1
