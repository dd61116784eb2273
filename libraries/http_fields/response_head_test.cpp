#include "http_fields/response_head.h"

#include <gtest/gtest.h>

#include <string>

namespace osmia::http_fields {
namespace {

TEST(ParseStatusText, ReadsACodeWithAndWithoutPhrase) {
    for (const auto& [text, status, reason] : {std::tuple{"200 OK", 200u, "OK"},
                                               {"404 Not Found", 404u, "Not Found"},
                                               {"302", 302u, ""},
                                               {" 500  Oh no ", 500u, "Oh no"},
                                               {"999 x", 999u, "x"}}) {
        const auto line = parse_status_text(text);
        ASSERT_TRUE(line.ok()) << text;
        EXPECT_EQ(status, line.value().status);
        EXPECT_EQ(reason, line.value().reason);
    }
}

TEST(ParseStatusText, RefusesWhatIsNoStatus) {
    for (const std::string_view text :
         {"", "OK", "20 OK", "2000 OK", "200OK", "099 x", "200 O\rK", "200 OK\r\nX: y", "-20 x"}) {
        EXPECT_FALSE(parse_status_text(text).ok()) << text;
    }
}

TEST(ParseStatusLine, TakesAnyVersionAndRefusesOtherLines) {
    for (const std::string_view line : {"HTTP/1.1 404 Gone", "HTTP/1.0 404 Gone", "HTTP/2 404 Gone"}) {
        ASSERT_TRUE(parse_status_line(line).ok()) << line;
        EXPECT_EQ(404u, parse_status_line(line).value().status);
        EXPECT_EQ("Gone", parse_status_line(line).value().reason);
    }
    for (const std::string_view line :
         {"", "HTTP/", "HTTP/1.1", "HTTP/1.1200 OK", "HTTP/1.1 OK", "http/1.1 200 OK", "HTTP/x.1 200 OK"}) {
        EXPECT_FALSE(parse_status_line(line).ok()) << line;
    }
}

TEST(ClassifyOutput, TellsHeadsFromBodies) {
    const std::pair<std::string_view, OutputKind> table[] = {
        {"HTTP/1.1 200 OK\r\n", OutputKind::StatusLine},
        {"HTTP/", OutputKind::StatusLine},
        {"", OutputKind::Undecided},
        {"HTT", OutputKind::Undecided},
        {"Content-Ty", OutputKind::Undecided},
        {"Content-Type: text", OutputKind::Undecided},
        {"Content-Type: text\r\n", OutputKind::HeaderBlock},
        {"A:b\n", OutputKind::HeaderBlock},
        {"<html>", OutputKind::Body},
        {"Hello, world", OutputKind::Body},
        {": x\r\n", OutputKind::Body},
        {"\r\n", OutputKind::Body},
        {"HTTX/1.1", OutputKind::Body},
    };
    for (const auto& [text, kind] : table) EXPECT_EQ(kind, classify_output(text)) << text;
}

TEST(ClassifyOutput, GivesUpAtItsLimit) {
    EXPECT_EQ(OutputKind::Undecided, classify_output("aaaa", 5));
    EXPECT_EQ(OutputKind::Body, classify_output("aaaaa", 5));
    EXPECT_EQ(OutputKind::Undecided, classify_output("a: b", 5));
    EXPECT_EQ(OutputKind::Body, classify_output("a: bc", 5));
    EXPECT_EQ(OutputKind::HeaderBlock, classify_output("a: b\n", 5));
    EXPECT_EQ(OutputKind::Body, classify_output("a: bc\n", 5));
}

TEST(ParseResponseHead, ReadsAWholeHeadAndFindsTheBody) {
    const std::string text = "HTTP/1.0 201 Made\r\nA: 1\r\n\r\nbody";
    const auto head = parse_response_head(text);
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(201u, head.value().status.status);
    EXPECT_EQ("Made", head.value().status.reason);
    EXPECT_EQ(1u, head.value().block.fields.size());
    EXPECT_EQ("body", text.substr(head.value().size));
}

TEST(ParseResponseHead, IsA200WithoutAStatusLine) {
    const auto head = parse_response_head("A: 1\n\nx");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(200u, head.value().status.status);
    EXPECT_EQ(6u, head.value().size);
}

TEST(ParseResponseHead, TakesAStatusLineAlone) {
    const auto head = parse_response_head("HTTP/1.1 204 No Content");
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(204u, head.value().status.status);
    EXPECT_EQ(23u, head.value().size);
    EXPECT_FALSE(head.value().block.terminated);
}

TEST(ParseResponseHead, RefusesASecondStatusLine) {
    EXPECT_FALSE(parse_response_head("HTTP/1.1 200 OK\r\nHTTP/1.1 200 OK\r\n\r\n").ok());
}

}  // namespace
}  // namespace osmia::http_fields
