// Every request of http1_requests.json against the real listener: the refused ones get their status, one answer, and a
// closed connection; the accepted ones reach a worker.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/listener_fixture.h"

namespace osmia::testing {
namespace {

/// The table writes bytes as the code points U+0000 to U+00FF.
std::string bytes_of(const std::string& utf8) {
    std::string bytes;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (c < 0x80) {
            bytes += utf8[i];
        } else {
            bytes += static_cast<char>(((c & 0x03) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3f));
        }
    }
    return bytes;
}

/// A request of the table: a string, or parts of which some are repeated.
std::string request_of(const nlohmann::json& request) {
    if (request.is_string()) return bytes_of(request);
    std::string whole;
    for (const auto& part : request) {
        if (part.is_string()) {
            whole += bytes_of(part);
        } else {
            for (int i = 0; i < part[1].get<int>(); ++i) whole += bytes_of(part[0]);
        }
    }
    return whole;
}

/// Reads each body to its end and says ok; lets go of requests whose body is refused.
class ReadingWorker {
public:
    explicit ReadingWorker(ListenerProcess& listener) : worker_(listener.add_worker(1, 1)), thread_([this] { run(); }) {}
    ~ReadingWorker() {
        stop_ = true;
        thread_.join();
    }

private:
    void run() {
        while (!stop_) {
            if (const auto slot = worker_->next(50)) serve(*slot);
        }
    }
    void serve(std::uint32_t slot) {
        auto& end = worker_->end();
        std::vector<std::byte> buffer(65536);
        for (;;) {
            const auto state = end.body_state(slot);
            if (end.read_body(slot, buffer) > 0) continue;
            if (state == wire::BodyState::Complete) return worker_->answer(slot, "ok");
            if (state == wire::BodyState::Aborted || end.client_is_gone(slot)) return worker_->end_and_done(slot);
            end.want_body(slot, wire::UnknownLength);
            end.wait_events(1'000'000, [](std::uint32_t) {});
        }
    }

    std::unique_ptr<FakeWorker> worker_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

TEST(Conformance, EveryMalformedRequestGetsItsStatusOnceAndAClosedConnection) {
    std::ifstream file(OSMIA_REQUEST_TABLE);
    const auto table = nlohmann::json::parse(file);
    ListenerProcess listener;
    ReadingWorker worker(listener);
    int refused = 0, accepted = 0;
    for (const auto& row : table) {
        const int status = row["status"];
        Client client(listener.port());
        client.send(request_of(row["request"]));
        if (status == 0) {
            client.shutdown_write();
            const auto answer = client.read_to_end();
            ++accepted;
            EXPECT_TRUE(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 100") || answer.starts_with("HTTP/1.1 503"))
                << row["name"] << ": " << answer.substr(0, 60);
            continue;
        }
        ++refused;
        const auto answer = client.read_to_end();
        EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + std::to_string(status)) << row["name"];
        EXPECT_EQ(answer.find("HTTP/1.1 ", 9), std::string::npos) << row["name"] << ": two answers to one request";
        EXPECT_TRUE(client.is_closed()) << row["name"];
    }
    EXPECT_GE(refused, 60);
    EXPECT_GE(accepted, 20);
}

}  // namespace
}  // namespace osmia::testing
