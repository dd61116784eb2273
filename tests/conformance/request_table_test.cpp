// Every request of http1_requests.json, sent to the real listener: the malformed ones get the right status
// and a closed connection, nothing of them reaches a worker, and the others are answered.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "http1_requests.h"
#include "support/listener_fixture.h"

namespace osmia::testing {
namespace {

using conformance::request_cases;
using conformance::RequestCase;

/// Longer requests may reach a worker before the listener has seen what is wrong with their content.
constexpr std::size_t OneSegment = 4000;

/// HTTP/2's preface is no request of HTTP/1, so the parser refuses it; the listener goes on in HTTP/2.
bool is_http2(const RequestCase& test) { return test.request.starts_with("PRI * HTTP/2.0\r\n\r\n"); }

bool is_refused_before_dispatch(const RequestCase& test) {
    return !is_http2(test) && test.status != 0 && (test.found != "body" || test.request.size() <= OneSegment);
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
    return found;
}

std::string label(const RequestCase& test) {
    return std::string(test.name) + " (RFC " + std::string(test.rfc) + ")";
}

/// A worker that answers whatever it gets, on a thread of its own.
class AnsweringWorker {
public:
    AnsweringWorker(ListenerProcess& listener, std::uint64_t id, std::uint32_t pool)
        : worker_(listener.add_worker(id, pool)), thread_([this] { run(); }) {}
    ~AnsweringWorker() {
        stopping_ = true;
        thread_.join();
    }
    int answered() const { return answered_; }

private:
    void run() {
        while (!stopping_) {
            const auto slot = worker_->next(20);
            if (!slot) continue;
            ++answered_;
            worker_->answer(*slot, "fine");
        }
    }

    std::unique_ptr<FakeWorker> worker_;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> answered_ = 0;
    std::thread thread_;
};

TEST(RequestTable, EveryMalformedRequestIsRefusedAndItsConnectionClosed) {
    ListenerProcess listener;
    AnsweringWorker one(listener, 1, 1), two(listener, 2, 2);
    int refused = 0;
    for (const RequestCase& test : request_cases()) {
        if (!is_refused_before_dispatch(test)) continue;
        SCOPED_TRACE(label(test));
        Client client(listener.port());
        client.send(test.request);
        const std::string answer = client.read_to_end();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(test.status) + " ")) << answer;
        EXPECT_EQ(1u, count(answer, "HTTP/1.1 ")) << answer;
        EXPECT_EQ(1u, count(answer, "\r\nConnection: close\r\n")) << answer;
        EXPECT_TRUE(client.is_closed());
        ++refused;
    }
    EXPECT_GE(refused, 150);
    EXPECT_EQ(0, one.answered() + two.answered()) << "a malformed request reached a worker";
}

TEST(RequestTable, AMalformedRequestSentByteByByteIsRefusedAllTheSame) {
    ListenerProcess listener;
    for (const RequestCase& test : request_cases()) {
        if (is_http2(test) || test.status == 0 || test.found != "head" || test.request.size() > 100) continue;
        SCOPED_TRACE(label(test));
        Client client(listener.port());
        for (const char byte : test.request) client.send({&byte, 1});
        const std::string answer = client.read_to_end();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(test.status) + " ")) << answer;
    }
}

TEST(RequestTable, EveryOtherRequestIsAnswered) {
    ListenerProcess listener;
    AnsweringWorker one(listener, 1, 1), two(listener, 2, 2);
    for (const RequestCase& test : request_cases()) {
        if (test.status != 0) continue;
        SCOPED_TRACE(label(test));
        Client client(listener.port());
        client.send(test.request);
        const std::string answer = client.read_response();
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
        EXPECT_TRUE(answer.ends_with("fine")) << answer;
    }
}

}  // namespace
}  // namespace osmia::testing
