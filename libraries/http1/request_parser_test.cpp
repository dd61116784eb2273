// Behaviour that a table of requests does not show: incremental use, reuse, configured limits. The requests
// themselves are in request_table_test.cpp.
#include "http1/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace osmia::http1 {
namespace {

using http::ErrorReason;
using http::HeaderId;

constexpr std::string_view Simple = "GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nX-Own: v\r\n\r\n";

TEST(RequestParser, RecognisesWellKnownFieldsAndKeepsTheOthersByName) {
    RequestParser parser;
    ASSERT_EQ(ParseState::Complete, parser.parse(Simple));
    const RequestHead& head = parser.request();
    ASSERT_EQ(3u, head.fields().size());
    EXPECT_EQ(HeaderId::Host, head.fields()[0].id);
    EXPECT_EQ(HeaderId::Other, head.fields()[2].id);
    EXPECT_EQ("X-Own", head.name(head.fields()[2]));
    EXPECT_EQ("t", head.find_value(HeaderId::UserAgent));
    EXPECT_EQ("", head.find_value(HeaderId::Accept));
    EXPECT_EQ(nullptr, head.find(HeaderId::Accept));
}

TEST(RequestParser, ViewsFollowTheBufferAfterRebase) {
    std::string first(Simple);
    RequestParser parser;
    ASSERT_EQ(ParseState::Complete, parser.parse(first));
    const std::string second = first;
    first.assign(first.size(), '#');
    parser.request().rebase(second.data());
    EXPECT_EQ("/x", parser.request().target());
    EXPECT_EQ("a", parser.request().host());
}

TEST(RequestParser, ParsesPipelinedRequestsOneAfterAnother) {
    const std::string buffer = std::string(Simple) + "GET /2 HTTP/1.0\r\n\r\n";
    RequestParser parser;
    ASSERT_EQ(ParseState::Complete, parser.parse(buffer));
    const std::size_t size = parser.request().size();
    EXPECT_EQ(Simple.size(), size);
    parser.reset();
    ASSERT_EQ(ParseState::Complete, parser.parse(std::string_view(buffer).substr(size)));
    EXPECT_EQ("/2", parser.request().raw_path());
    EXPECT_EQ("", parser.request().host()) << "nothing of the first request is left";
    EXPECT_TRUE(parser.request().fields().empty());
    EXPECT_FALSE(parser.request().keep_alive());
}

TEST(RequestParser, StaysCompleteAndStaysFailedUntilReset) {
    RequestParser parser;
    EXPECT_EQ(ParseState::Complete, parser.parse(Simple));
    EXPECT_EQ(ParseState::Complete, parser.parse(Simple));
    parser.reset();
    EXPECT_EQ(ParseState::Failed, parser.parse(" "));
    EXPECT_EQ(ParseState::Failed, parser.parse(Simple));
    parser.reset();
    EXPECT_EQ(ParseState::Complete, parser.parse(Simple));
}

TEST(RequestParser, HasNotStartedBeforeTheFirstByteOfARequest) {
    RequestParser parser;
    EXPECT_EQ(ParseState::NeedMore, parser.parse(""));
    EXPECT_EQ(ParseState::NeedMore, parser.parse("\r\n"));
    EXPECT_FALSE(parser.started());
    EXPECT_EQ(ParseState::NeedMore, parser.parse("\r\nG"));
    EXPECT_TRUE(parser.started());
}

TEST(RequestParser, RefusesATlsGreetingAtItsFirstByte) {
    RequestParser parser;
    EXPECT_EQ(ParseState::Failed, parser.parse("\x16"));
}

TEST(RequestParser, AnAbsoluteTargetReplacesTheHostFieldsValue) {
    RequestParser parser;
    ASSERT_EQ(ParseState::Complete, parser.parse("GET http://b:81/ HTTP/1.1\r\nHost: a:82\r\n\r\n"));
    EXPECT_EQ("b:81", parser.request().find_value(HeaderId::Host));
    EXPECT_EQ("b", parser.request().host());
    EXPECT_EQ(81, parser.request().host_port());
}

TEST(RequestParser, KeepsMethodAndTargetForTheLogOfARefusedHead) {
    RequestParser parser;
    ASSERT_EQ(ParseState::Failed, parser.parse("PUT /x HTTP/1.1\r\nHost : a\r\n\r\n"));
    EXPECT_EQ("PUT", parser.request().method_token());
    EXPECT_EQ("/x", parser.request().target());
}

struct LimitCase {
    const char* name;
    http::HeadLimits limits;
    std::string at_limit, beyond;
    RequestError error;
};

TEST(RequestParser, HonoursEveryConfiguredLimitExactly) {
    const std::string start = "GET / HTTP/1.1\r\n";
    const auto with_fields = [&](const std::string& fields) { return start + fields + "\r\n"; };
    const LimitCase table[] = {
        {"request_line_bytes",
         {.request_line_bytes = 14},
         with_fields("Host: a\r\n"),
         "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
         {414, ErrorReason::UrlLength}},
        {"method_bytes",
         {.method_bytes = 3},
         with_fields("Host: a\r\n"),
         "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
         {501, ErrorReason::Verb}},
        {"field_section_bytes",
         {.field_section_bytes = 11},
         with_fields("Host: a\r\n"),
         with_fields("Host: ab\r\n"),
         {431, ErrorReason::RequestLength}},
        {"field_bytes",
         {.field_bytes = 7},
         with_fields("Host: a\r\n"),
         with_fields("Host: ab\r\n"),
         {431, ErrorReason::FieldLength}},
        {"field_name_bytes",
         {.field_name_bytes = 4},
         with_fields("Host: a\r\n"),
         with_fields("Host: a\r\nHost2: b\r\n"),
         {431, ErrorReason::FieldLength}},
        {"field_count",
         {.field_count = 2},
         with_fields("Host: a\r\nX: y\r\n"),
         with_fields("Host: a\r\nX: y\r\nX: y\r\n"),
         {431, ErrorReason::RequestLength}},
        {"content_bytes",
         {.content_bytes = 5},
         with_fields("Host: a\r\nContent-Length: 5\r\n"),
         with_fields("Host: a\r\nContent-Length: 6\r\n"),
         {413, ErrorReason::EntityTooLarge}},
    };
    for (const LimitCase& test : table) {
        SCOPED_TRACE(test.name);
        RequestParser parser(test.limits);
        EXPECT_EQ(ParseState::Complete, parser.parse(test.at_limit));
        parser.reset();
        EXPECT_EQ(ParseState::Failed, parser.parse(test.beyond));
        EXPECT_EQ(test.error, parser.error());
    }
}

TEST(RequestParser, NeverHoldsMoreFieldsThanItsTableWhateverIsConfigured) {
    RequestParser parser(http::HeadLimits{.field_count = 1000});
    std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 0; i < http::MaxFieldCount; ++i) request += "X: y\r\n";
    EXPECT_EQ(ParseState::Failed, parser.parse(request + "\r\n"));
    EXPECT_EQ(431, parser.error().status);
}

TEST(RequestParser, RefusesAnEndlessLineAsSoonAsItIsTooLong) {
    RequestParser parser(http::HeadLimits{.request_line_bytes = 20});
    const std::string line(22, 'a');
    EXPECT_EQ(ParseState::NeedMore, parser.parse(std::string_view(line).substr(0, 21)));
    EXPECT_EQ(ParseState::Failed, parser.parse(line));
}

}  // namespace
}  // namespace osmia::http1
