#include "http1/response_framing.h"

#include <gtest/gtest.h>

#include <vector>

namespace osmia::http1 {
namespace {

using http::HeaderId;
using http::Method;

FramingInput input(unsigned status, std::optional<std::uint64_t> length = {}) {
    return {Method::Get, Version::Http11, true, status, length};
}

TEST(DecideFraming, AnnouncesAKnownLength) {
    const FramingDecision decision = decide_framing(input(200, 7));
    EXPECT_EQ(BodyMode::Length, decision.mode);
    EXPECT_TRUE(decision.announce_length);
    EXPECT_EQ(7u, decision.length);
    EXPECT_TRUE(decision.keep_alive);
    EXPECT_FALSE(decision.echo_keep_alive);
}

TEST(DecideFraming, ChunksAnUnknownLengthInHttp11) {
    const FramingDecision decision = decide_framing(input(200));
    EXPECT_EQ(BodyMode::Chunked, decision.mode);
    EXPECT_TRUE(decision.keep_alive);
}

TEST(DecideFraming, ClosesBehindAnUnknownLengthInHttp10) {
    FramingInput request = input(200);
    request.version = Version::Http10;
    const FramingDecision decision = decide_framing(request);
    EXPECT_EQ(BodyMode::UntilClose, decision.mode);
    EXPECT_FALSE(decision.keep_alive);
    EXPECT_FALSE(decision.echo_keep_alive);
}

TEST(DecideFraming, EchoesKeepAliveToHttp10) {
    FramingInput request = input(200, 1);
    request.version = Version::Http10;
    EXPECT_TRUE(decide_framing(request).echo_keep_alive);
    request.keep_alive = false;
    EXPECT_FALSE(decide_framing(request).echo_keep_alive);
}

TEST(DecideFraming, GivesNoFramingFieldToAnswersThatNeverHaveContent) {
    for (const unsigned status : {100u, 101u, 103u, 199u, 204u, 304u}) {
        const FramingDecision decision = decide_framing(input(status, 10));
        EXPECT_EQ(BodyMode::None, decision.mode) << status;
        EXPECT_FALSE(decision.announce_length) << status;
    }
}

TEST(DecideFraming, SaysThat205IsEmpty) {
    const FramingDecision decision = decide_framing(input(205, 10));
    EXPECT_EQ(BodyMode::None, decision.mode);
    EXPECT_TRUE(decision.announce_length);
    EXPECT_EQ(0u, decision.length);
}

TEST(DecideFraming, AnswersHeadWithAKnownLengthAndNoContent) {
    FramingInput request = input(200, 10);
    request.method = Method::Head;
    EXPECT_EQ(BodyMode::None, decide_framing(request).mode);
    EXPECT_EQ(10u, decide_framing(request).length);
    EXPECT_TRUE(decide_framing(request).announce_length);
    request.length.reset();
    EXPECT_EQ(BodyMode::None, decide_framing(request).mode);
    EXPECT_FALSE(decide_framing(request).announce_length);
    EXPECT_TRUE(decide_framing(request).keep_alive);
}

ResponseField length(std::string_view value) {
    return {"Content-Length", value, HeaderId::ContentLength};
}
ResponseField connection(std::string_view value) {
    return {"Connection", value, HeaderId::Connection};
}

TEST(ReadWishes, ReadsTheLengthAndTheWishToClose) {
    const std::vector<ResponseField> fields = {length("12"), connection("x, Close")};
    const ResponseWishes wishes = read_wishes(fields);
    EXPECT_EQ(12u, wishes.content_length);
    EXPECT_TRUE(wishes.close);
    EXPECT_FALSE(wishes.bad_content_length);
}

TEST(ReadWishes, WishesForNothingByDefault) {
    const ResponseWishes wishes = read_wishes({});
    EXPECT_FALSE(wishes.content_length);
    EXPECT_FALSE(wishes.close);
}

TEST(ReadWishes, BelievesNoBadOrContradictoryLength) {
    const std::vector<std::vector<ResponseField>> table = {{length("x")},
                                                           {length("")},
                                                           {length("1"), length("2")},
                                                           {length("-1")},
                                                           {length("1"), length("x"), length("1")}};
    for (const auto& fields : table) {
        EXPECT_TRUE(read_wishes(fields).bad_content_length);
        EXPECT_FALSE(read_wishes(fields).content_length);
    }
    const std::vector<ResponseField> same = {length("3"), length("3")};
    EXPECT_EQ(3u, read_wishes(same).content_length);
}

}  // namespace
}  // namespace osmia::http1
