#include "http1/response_encoder.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace osmia::http1 {
namespace {

constexpr std::string_view Date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr FramingDecision FiveBytes{BodyMode::Length, 5, true, true, false};

std::string encode(const ResponseHead& head, const FramingDecision& framing = FiveBytes) {
    std::array<char, 1024> out;
    const EncodeResult result = encode_response_head(out, head, framing);
    return result.status == EncodeStatus::Ok ? std::string(out.data(), result.size) : "refused";
}

TEST(EncodeResponseHead, WritesStatusDateFieldsAndFraming) {
    const std::vector<ResponseField> fields = {{"Content-Type", "text/plain"}, {"X-Own", ""}};
    EXPECT_EQ(
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\nX-Own: \r\n"
        "Server: Osmia\r\nContent-Length: 5\r\n\r\n",
        encode({.status = 200, .fields = fields, .date = Date, .server = "Osmia"}));
}

TEST(EncodeResponseHead, UsesTheGivenReasonOrTheRegisteredOne) {
    EXPECT_TRUE(encode({.status = 404}).starts_with("HTTP/1.1 404 Not Found\r\n"));
    EXPECT_TRUE(
        encode({.status = 404, .reason = "Gone fishing"}).starts_with("HTTP/1.1 404 Gone fishing\r\n"));
    EXPECT_TRUE(encode({.status = 200, .reason = "Fine"}).starts_with("HTTP/1.1 200 Fine\r\n"));
    EXPECT_TRUE(encode({.status = 999}).starts_with("HTTP/1.1 999 Unknown\r\n"));
}

TEST(EncodeResponseHead, WritesEachKindOfFraming) {
    EXPECT_EQ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
              encode({}, {BodyMode::Chunked, 0, false, true, false}));
    EXPECT_EQ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
              encode({}, {BodyMode::UntilClose, 0, false, false, false}));
    EXPECT_EQ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nConnection: keep-alive\r\n\r\n",
              encode({}, {BodyMode::Length, ~std::uint64_t{0}, true, true, true}));
    EXPECT_EQ("HTTP/1.1 204 No Content\r\n\r\n",
              encode({.status = 204}, {BodyMode::None, 0, false, true, false}));
}

TEST(EncodeResponseHead, DropsWhatIsTheListenersOwnBusiness) {
    std::vector<ResponseField> fields;
    for (const std::string_view name : {"Connection", "KEEP-ALIVE", "proxy-connection", "transfer-encoding",
                                        "Content-Length", "Trailer", "Upgrade", "TE", "Date"}) {
        fields.push_back({name, "1"});
    }
    EXPECT_EQ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", encode({.fields = fields}));
}

TEST(EncodeResponseHead, GoesByTheNameNotByTheClaimedIdentity) {
    const std::vector<ResponseField> fields = {{"Content-Length", "9", http::HeaderId::Accept}};
    EXPECT_EQ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", encode({.fields = fields}));
}

TEST(EncodeResponseHead, FollowsTheServerPolicy) {
    const std::vector<ResponseField> fields = {{"server", "App/1"}};
    EXPECT_NE(std::string::npos, encode({.fields = fields, .server = "Osmia"}).find("\r\nserver: App/1\r\n"));
    EXPECT_EQ(std::string::npos, encode({.fields = fields, .server = "Osmia"}).find("Osmia"));
    const std::string replaced = encode({.fields = fields, .server = "Osmia", .drop_worker_server = true});
    EXPECT_NE(std::string::npos, replaced.find("\r\nServer: Osmia\r\n"));
    EXPECT_EQ(std::string::npos, replaced.find("App/1"));
    EXPECT_EQ(std::string::npos, encode({.fields = fields, .drop_worker_server = true}).find("erver"));
}

TEST(EncodeResponseHead, RefusesWhateverCouldSplitAResponse) {
    using std::string_view_literals::operator""sv;
    const ResponseField table[] = {{"X", "a\r\nY: b"}, {"X", "a\nb"},   {"X", "a\rb"}, {"X", "a\0b"sv},
                                   {"X", "\x7f"},      {"X\r\nY", "a"}, {"X Y", "a"},  {"X:", "a"},
                                   {"", "a"},          {"X\0"sv, "a"}};
    for (const ResponseField& field : table) {
        EXPECT_EQ("refused", encode({.fields = std::span(&field, 1)})) << field.name << ": " << field.value;
    }
    EXPECT_EQ("refused", encode({.reason = "OK\r\nX: y"}));
    EXPECT_EQ("refused", encode({.server = "a\r\nb"}));
    EXPECT_EQ("refused", encode({.status = 99}));
    EXPECT_EQ("refused", encode({.status = 1000}));
    EXPECT_NE("refused", encode({.status = 100}));
}

TEST(EncodeResponseHead, NeverWritesBeyondItsBufferAndSaysWhatItNeeds) {
    const std::vector<ResponseField> fields = {{"Content-Type", "text/plain"}, {"A", "b"}};
    const ResponseHead head{.fields = fields, .date = Date, .server = "Osmia"};
    const std::string whole = encode(head);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::vector<char> out(size + 1, '!');
        const EncodeResult result = encode_response_head(std::span(out).first(size), head, FiveBytes);
        EXPECT_EQ(whole.size(), result.size);
        EXPECT_EQ(size < whole.size() ? EncodeStatus::NoSpace : EncodeStatus::Ok, result.status);
        EXPECT_EQ('!', out[size]);
    }
}

TEST(EncodeChunkHeader, WritesHexadecimalAndCrLf) {
    std::array<char, MaxChunkHeader> out;
    const auto text = [&](std::uint64_t size) {
        return std::string(out.data(), encode_chunk_header(size, out));
    };
    EXPECT_EQ("1\r\n", text(1));
    EXPECT_EQ("1f4\r\n", text(500));
    EXPECT_EQ("ffffffffffffffff\r\n", text(~std::uint64_t{0}));
}

}  // namespace
}  // namespace osmia::http1
