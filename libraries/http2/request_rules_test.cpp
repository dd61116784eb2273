#include "http2/request_rules.h"

#include <gtest/gtest.h>

namespace osmia::http2 {
namespace {

RequestHead head_of(std::string_view method, std::string_view path, std::string_view authority, std::vector<RequestHead::Field> fields = {},
                    std::string_view scheme = "https") {
    RequestHead head;
    head.add(":method", method);
    head.add(":scheme", scheme);
    if (!authority.empty()) head.add(":authority", authority);
    head.add(":path", path);
    for (const auto& field : fields) head.add(field.name, field.value);
    return head;
}

unsigned status_of(const RequestHead& head, bool ends = true) {
    RequestFacts facts;
    const auto error = check_request(head, ends, {}, facts);
    return error ? error->status : 0;
}

TEST(RequestHead, JoinsCookieCrumbsWhereverTheyStand) {
    const RequestHead head = head_of("GET", "/", "a", {{"cookie", "a=1"}, {"accept", "x"}, {"cookie", "b=2"}, {"cookie", "c=3"}});
    ASSERT_EQ(head.field_count(), 2u);
    EXPECT_EQ(head.field(0).name, "cookie");
    EXPECT_EQ(head.field(0).value, "a=1; b=2; c=3");
    EXPECT_EQ(head.field(1).value, "x");
}

TEST(RequestRules, SplitTargetAndAuthority) {
    const RequestHead head = head_of("GET", "/a/b?c=d?e", "www.example.org:8443");
    RequestFacts facts;
    ASSERT_FALSE(check_request(head, true, {}, facts));
    EXPECT_EQ(facts.method, http::Method::Get);
    EXPECT_EQ(facts.raw_path, "/a/b");
    EXPECT_EQ(facts.query, "c=d?e");
    EXPECT_EQ(facts.host, "www.example.org");
    EXPECT_FALSE(facts.has_host_field);
    EXPECT_FALSE(facts.content_length.has_value());
}

TEST(RequestRules, HostMustAgreeWithAuthority) {
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{"host", "a"}})), 0u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{"host", "A"}})), 0u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{"host", "b"}})), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "", {{"host", "b"}})), 0u);
    EXPECT_EQ(status_of(head_of("GET", "/", "", {{"host", "b"}, {"host", "b"}})), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "user@a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a,b")), 400u);
}

TEST(RequestRules, TheTargetIsWhatHttp1WouldTake) {
    EXPECT_EQ(status_of(head_of("OPTIONS", "*", "a")), 0u);
    EXPECT_EQ(status_of(head_of("GET", "*", "a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "a", "a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "http://a/", "a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/a#b", "a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/a b", "a")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {}, "ftp")), 400u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {}, "http")), 0u);
}

TEST(RequestRules, MethodsAreRefusedAsInHttp1) {
    EXPECT_EQ(status_of(head_of("CONNECT", "/", "a")), 405u);
    EXPECT_EQ(status_of(head_of(std::string(32, 'M'), "/", "a")), 0u);
    EXPECT_EQ(status_of(head_of(std::string(33, 'M'), "/", "a")), 501u);
    EXPECT_EQ(status_of(head_of("TRACE", "/", "a"), true), 0u);
    EXPECT_EQ(status_of(head_of("TRACE", "/", "a"), false), 400u);
    EXPECT_EQ(status_of(head_of("POST", "/", "a"), false), 0u) << "HTTP/2 delimits content itself";
}

TEST(RequestRules, LimitsHoldAtTheirValueAndNotOneFurther) {
    const http::HeadLimits limits;
    const auto path = [](std::size_t size) { return "/" + std::string(size - 1, 'a'); };
    const std::size_t longest = limits.request_line_bytes - 10 - 3;
    EXPECT_EQ(status_of(head_of("GET", path(longest), "a")), 0u);
    EXPECT_EQ(status_of(head_of("GET", path(longest + 1), "a")), 414u);
    const std::string name(limits.field_name_bytes, 'n');
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{name, "v"}})), 0u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{name + "n", "v"}})), 431u);
    const std::string value(limits.field_bytes - 3, 'v');
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{"n", value}})), 0u);
    EXPECT_EQ(status_of(head_of("GET", "/", "a", {{"n", value + "v"}})), 431u);
}

TEST(RequestRules, ContentLengthAndExpectation) {
    EXPECT_EQ(status_of(head_of("POST", "/", "a", {{"content-length", "x"}}), false), 400u);
    EXPECT_EQ(status_of(head_of("POST", "/", "a", {{"content-length", "9223372036854775807"}}), false), 413u);
    EXPECT_EQ(status_of(head_of("POST", "/", "a", {{"expect", "100-continue"}}), false), 0u);
    EXPECT_EQ(status_of(head_of("POST", "/", "a", {{"expect", "200-ok"}}), false), 417u);
    RequestFacts facts;
    ASSERT_FALSE(check_request(head_of("GET", "/", "a", {{"expect", "100-continue"}}), true, {}, facts));
    EXPECT_FALSE(facts.expects_continue) << "nothing is to be waited for";
}

}  // namespace
}  // namespace osmia::http2
