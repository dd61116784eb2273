#include "worker/pipeline/raw_response.h"

#include <gtest/gtest.h>

#include "worker/core_fixture.h"

namespace osmia::worker {
namespace {

class Raw : public testing::Test {
protected:
    Raw() {
        config::Handler handler;
        handler.path = "*";
        handler.require_access = config::RequireAccess::None;
        sites.handlers->handlers.push_back(handler);
    }
    void open(MemoryRequest request = {}) {
        session.emplace(std::move(request));
        exchange.emplace(*session, sites, facts);
        ASSERT_TRUE(exchange->resolve());
        ASSERT_TRUE(exchange->map());
        raw.emplace(*exchange);
    }
    /// Writes the pieces, ends, and sends the response.
    void respond(std::initializer_list<std::string_view> pieces) {
        open();
        for (const auto piece : pieces) (void)raw->write(piece).ok();
        ended = raw->end().ok();
        exchange->finish();
    }

    FixedSites sites;
    WorkerFacts facts;
    std::optional<MemorySession> session;
    std::optional<Exchange> exchange;
    std::optional<RawResponse> raw;
    bool ended = false;
};

TEST_F(Raw, AHeadGivenByFunctionIsFollowedByItsBody) {
    open();
    ASSERT_TRUE(
        raw->set_head("404 Gone Fishing", "Content-Type: text/plain\r\nX-A: 1\r\n\r\nbody", true).ok());
    ASSERT_TRUE(raw->write(" more").ok());
    ASSERT_TRUE(raw->end().ok());
    exchange->finish();
    EXPECT_EQ(session->head.status, 404);
    EXPECT_EQ(session->head.reason, "Gone Fishing");
    EXPECT_EQ(session->header("X-A"), "1");
    EXPECT_EQ(session->body, "body more");
    EXPECT_EQ(session->head.content_length, 9u);
}

// What it is in the log: 401.5, "Authorization failed by ISAPI or CGI application".
TEST_F(Raw, A401OfAProgramHasItsSubstatus) {
    open();
    ASSERT_TRUE(raw->set_head("401 Unauthorized", "WWW-Authenticate: Basic\r\n\r\n", true).ok());
    ASSERT_TRUE(raw->end().ok());
    EXPECT_EQ(exchange->response().status, 401);
    EXPECT_EQ(exchange->response().substatus, 5);
}

TEST_F(Raw, TheBlankLineMayComeWithTheNextWrite) {
    open();
    ASSERT_TRUE(raw->set_head("", "Content-Type: text/plain\r\n", true).ok());
    ASSERT_TRUE(raw->write("\r\n").ok());
    ASSERT_TRUE(raw->write("body").ok());
    ASSERT_TRUE(raw->end().ok());
    exchange->finish();
    EXPECT_EQ(session->head.status, 200);
    EXPECT_EQ(session->body, "body");
}

TEST_F(Raw, ASecondHeadIsRefused) {
    open();
    ASSERT_TRUE(raw->set_head("", "A: b\r\n\r\n", true).ok());
    EXPECT_FALSE(raw->set_head("", "A: b\r\n\r\n", true).ok());
}

TEST_F(Raw, WithoutAHeadABodyIsHtml) {
    respond({"<p>only a body"});
    EXPECT_EQ(session->head.status, 200);
    EXPECT_EQ(session->header("Content-Type"), "text/html");
    EXPECT_EQ(session->body, "<p>only a body");
}

TEST_F(Raw, AStatusLineOfItsOwnIsTakenApartHoweverItIsCut) {
    const std::string text = "HTTP/1.0 201 Made\r\nContent-Type: text/plain\r\nX-B: 2\r\n\r\nbody";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        respond({std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)});
        ASSERT_EQ(session->head.status, 201) << cut;
        ASSERT_EQ(session->header("X-B"), "2") << cut;
        ASSERT_EQ(session->body, "body") << cut;
    }
}

TEST_F(Raw, AHeaderBlockOfItsOwnNeedsNoStatusLine) {
    respond({"Content-Type: text/x\n", "\n", "body"});
    EXPECT_EQ(session->head.status, 200);
    EXPECT_EQ(session->header("Content-Type"), "text/x");
    EXPECT_EQ(session->body, "body");
}

TEST_F(Raw, ChunkFramingOfItsOwnIsRemovedHoweverItIsCut) {
    const std::string body = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n";
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
        respond({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                 std::string_view(body).substr(0, cut), std::string_view(body).substr(cut)});
        ASSERT_TRUE(ended) << cut;
        ASSERT_EQ(session->body, "hello world") << cut;
        ASSERT_EQ(session->header("Transfer-Encoding"), "");
        ASSERT_EQ(session->head.content_length, 11u);
    }
}

TEST_F(Raw, BrokenChunkFramingIsAnErrorWhileNothingIsSent) {
    respond({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhelloXX"});
    EXPECT_FALSE(ended);
    EXPECT_EQ(session->head.status, 500);
    EXPECT_NE(session->body, "") << "the error has its page";
    EXPECT_FALSE(session->is_aborted);
}

TEST_F(Raw, AMissingLastChunkCutsWhatWasSentAlready) {
    open();
    exchange->response().buffered = false;
    ASSERT_TRUE(raw->write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").ok());
    EXPECT_FALSE(raw->end().ok());
    exchange->finish();
    EXPECT_EQ(session->head.status, 200);
    EXPECT_TRUE(session->is_aborted);
}

TEST_F(Raw, BytesBeyondTheAnnouncedLengthAreDropped) {
    respond({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "defg"});
    EXPECT_EQ(session->body, "abc");
    EXPECT_EQ(session->head.content_length, 3u);
}

TEST_F(Raw, TooFewBytesCorrectTheLengthWhileNothingIsSent) {
    respond({"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc"});
    EXPECT_EQ(session->head.content_length, 3u);
    EXPECT_FALSE(session->is_aborted);
}

TEST_F(Raw, TooFewBytesCutWhatWasSentAlready) {
    open();
    exchange->response().buffered = false;
    ASSERT_TRUE(raw->write("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc").ok());
    EXPECT_FALSE(raw->end().ok());
    exchange->finish();
    EXPECT_TRUE(session->is_aborted);
}

TEST_F(Raw, AHeaderBlockThatWouldSplitTheResponseIsRefused) {
    open();
    EXPECT_FALSE(raw->set_head("200 OK\r\nX: y", "", true).ok());
    EXPECT_FALSE(raw->set_head("200 OK",
                               "Good: yes\r\nBad: a\x01"
                               "b\r\n\r\n",
                               true)
                     .ok());
    EXPECT_FALSE(raw->set_head("200 OK", "no colon here\r\n\r\n", true).ok());
}

TEST_F(Raw, AHeadOfExactlyTheLimitIsTakenAndOneByteMoreIsNot) {
    const std::string start = "HTTP/1.1 200 OK\r\nX: ";
    const std::string end = "\r\n\r\n";
    respond({start, std::string(60000, 'x'), end, "ok"});
    EXPECT_EQ(session->body, "ok");
    respond({start, std::string(MaxRawHeadBytes, 'x')});
    EXPECT_FALSE(ended);
    EXPECT_EQ(session->head.status, 500);
}

TEST_F(Raw, OutputIsBufferedUpToTheHandlersLimit) {
    sites.handlers->handlers[0].response_buffer_limit = 10;
    open();
    ASSERT_TRUE(raw->set_head("", "Content-Type: a/b\r\n\r\n", true).ok());
    ASSERT_TRUE(raw->write("0123456789").ok());
    EXPECT_EQ(session->heads, 0) << "at the limit";
    ASSERT_TRUE(raw->write("x").ok());
    EXPECT_EQ(session->heads, 1) << "one past it";
    EXPECT_EQ(session->body, "0123456789x");
}

TEST_F(Raw, AHeadRequestKeepsTheAnnouncedLengthAndSendsNoBody) {
    MemoryRequest request;
    request.method = "HEAD";
    open(request);
    ASSERT_TRUE(raw->set_head("", "Content-Length: 3000\r\n\r\n", true).ok());
    ASSERT_TRUE(raw->write("ignored").ok());
    ASSERT_TRUE(raw->end().ok());
    exchange->finish();
    EXPECT_EQ(session->head.content_length, 3000u);
    EXPECT_EQ(session->body, "");
    EXPECT_FALSE(session->is_aborted);
}

TEST_F(Raw, AClientThatHasGoneFailsWritesThatLeave) {
    open();
    exchange->response().buffered = false;
    session->client_gone = true;
    const auto written = raw->write("<p>hello");
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().kind, ErrorKind::Closed);
}

}  // namespace
}  // namespace osmia::worker
