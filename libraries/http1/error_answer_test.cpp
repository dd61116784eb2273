#include "http1/error_answer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "http/status.h"
#include "http_fields/response_head.h"

namespace osmia::http1 {
namespace {

using http::ErrorReason;

std::string encode(const ErrorAnswer& answer) {
    std::array<char, MaxErrorAnswer> out;
    return {out.data(), encode_error_answer(out, answer)};
}

TEST(ErrorAnswer, IsAWholeResponseThatCloses) {
    const std::string text =
        encode({.status = 400, .reason = ErrorReason::Hostname, .date = "D", .server = "Osmia"});
    const auto head = http_fields::parse_response_head(text);
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(400u, head.value().status.status);
    EXPECT_EQ("Bad Request", head.value().status.reason);
    EXPECT_EQ("close", head.value().block.find(http::HeaderId::Connection)->value);
    EXPECT_EQ(std::to_string(text.size() - head.value().size),
              head.value().block.find(http::HeaderId::ContentLength)->value);
    EXPECT_NE(std::string::npos, text.find("host name is missing or invalid"));
}

TEST(ErrorAnswer, ToHeadHasTheLengthButNoContent) {
    const std::string get = encode({.status = 503});
    const std::string head = encode({.status = 503, .head_only = true});
    EXPECT_TRUE(get.starts_with(head));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_LT(head.size(), get.size());
}

TEST(ErrorAnswer, MayKeepTheConnection) {
    EXPECT_EQ(std::string::npos, encode({.status = 503, .keep_alive = true}).find("Connection:"));
}

TEST(ErrorAnswer, CarriesRetryAfterAndAllow) {
    EXPECT_NE(std::string::npos, encode({.status = 503, .retry_after = 30}).find("\r\nRetry-After: 30\r\n"));
    EXPECT_EQ(std::string::npos, encode({.status = 503}).find("Retry-After"));
    EXPECT_NE(std::string::npos, encode({.status = 405}).find("\r\nAllow: GET, HEAD, "));
}

TEST(ErrorAnswer, ShowsARequestIdAndNothingElseInItsPlace) {
    EXPECT_NE(std::string::npos, encode({.request_id = "0af7-9c"}).find("Request 0af7-9c<"));
    EXPECT_EQ(std::string::npos, encode({.request_id = "<script>"}).find("script"));
    EXPECT_EQ(std::string::npos, encode({.request_id = std::string(65, 'a')}).find("aaaa"));
    EXPECT_NE(std::string::npos, encode({.request_id = std::string(64, 'a')}).find("aaaa"));
}

TEST(ErrorAnswer, LeavesOutAServerFieldThatCouldSplitIt) {
    EXPECT_EQ(std::string::npos, encode({.server = "a\r\nX: y"}).find("X: y"));
}

TEST(ErrorAnswer, FitsItsBufferWithTheLongestOfEverything) {
    const std::string server(256, 's'), id(64, 'a'), date(64, 'd');
    for (unsigned status = 400; status < 600; ++status) {
        for (unsigned reason = 0; reason < static_cast<unsigned>(ErrorReason::Count); ++reason) {
            const std::string text = encode({.status = status,
                                             .reason = static_cast<ErrorReason>(reason),
                                             .retry_after = ~0u,
                                             .date = date,
                                             .server = server,
                                             .request_id = id});
            ASSERT_LE(text.size(), MaxErrorAnswer);
            ASSERT_NE(std::string::npos, text.find(server));
        }
    }
}

}  // namespace
}  // namespace osmia::http1
