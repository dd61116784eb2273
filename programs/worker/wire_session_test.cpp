#include "worker/wire_session.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <future>
#include <list>
#include <map>
#include <thread>

#include "wire/channel_message.h"
#include "wire/listener_end.h"
#include "worker/channel.h"

namespace osmia::worker {
namespace {

class JoinedThreads : public ThreadFactory {
public:
    Result<void> start(const std::string&, std::function<void()> body) override {
        const std::lock_guard lock(mutex_);
        threads_.emplace_back(std::move(body));
        return {};
    }
    void join() {
        for (auto& thread : threads_) thread.join();
    }

private:
    std::mutex mutex_;
    std::list<std::thread> threads_;
};

class Client final : public ChannelClient {
public:
    void execute(std::unique_ptr<RequestSession> taken) override { session = std::move(taken); }
    void post(std::function<void()> work) override { (void)threads.start("", std::move(work)).ok(); }
    void on_starved(Channel&) override {}
    void on_tick() override {}
    void on_connection_closed(Channel&, std::uint64_t id) override { closed_connections.push_back(id); }
    std::chrono::nanoseconds tick_interval() override { return std::chrono::milliseconds(5); }

    JoinedThreads threads;
    std::vector<std::uint64_t> closed_connections;
    std::unique_ptr<RequestSession> session;
};

/// A listener's end in this process, and the worker's channel to it.
class Session : public testing::Test {
protected:
    Session() {
        listener = wire::ListenerEnd::create().value();
        auto pair = make_message_pair().value();
        peer = std::move(pair.first);
        const auto fds = listener->descriptors();
        EXPECT_TRUE(wire::send<wire::ListenerToWorkerMessage>(peer, wire::ChannelHello{}, fds).ok());
        channel = Channel::attach(std::move(pair.second), 1000, client, client.threads).value();
        auto ready = wire::receive<wire::WorkerToListenerMessage>(peer);
        EXPECT_TRUE(ready.ok() && std::holds_alternative<wire::ChannelReady>(ready.value().message));
    }
    ~Session() override {
        channel->close();
        client.threads.join();
    }

    void send_request(std::uint64_t content_length = 0) {
        wire::RequestDescription description;
        description.method = "POST";
        description.path = description.raw_target = "/x";
        description.fixed.content_length = content_length;
        std::vector<std::byte> head(wire::RequestHeadBytes);
        const auto size = wire::encode_request_head(description, head);
        ASSERT_TRUE(size.has_value());
        const auto placed = listener->place_request(std::span(head).first(*size));
        ASSERT_TRUE(placed.has_value());
        slot = *placed;
        listener->publish(slot);
        listener->flush(2);
        ASSERT_TRUE(channel->run_one());
        ASSERT_NE(session, nullptr);
    }
    /// Reads records as the listener does, until Done; body bytes are collected, files are read through their
    /// numbers.
    void pump() {
        wire::ListenerEnd::Record record{};
        while (!is_done) {
            const auto outcome = listener->next_record(slot, record);
            ASSERT_NE(outcome, wire::ListenerEnd::Outcome::Broken);
            if (outcome == wire::ListenerEnd::Outcome::Nothing) {
                listener->release_consumed(slot);
                std::this_thread::yield();
                continue;
            }
            kinds.push_back(record.kind);
            if (record.kind == wire::RecordKind::Body) {
                iovec pieces[2];
                const int count = listener->payload_pieces(slot, wire::ResponseWindowBytes, pieces);
                std::size_t size = 0;
                for (int i = 0; i < count; ++i) {
                    body.append(static_cast<char*>(pieces[i].iov_base), pieces[i].iov_len);
                    size += pieces[i].iov_len;
                }
                listener->consume(slot, size);
            } else {
                const auto payload = listener->take_payload(slot);
                if (record.kind == wire::RecordKind::File) read_file(payload);
                if (record.kind == wire::RecordKind::End) aborted = (record.flags & wire::RecordAbort) != 0;
                is_done = record.kind == wire::RecordKind::Done;
            }
        }
    }
    void read_file(std::span<const std::byte> payload) {
        wire::FileRange range;
        ASSERT_EQ(payload.size(), sizeof range);
        std::memcpy(&range, payload.data(), sizeof range);
        for (;;) {
            auto received = wire::receive<wire::WorkerToListenerMessage>(peer);
            if (!received.ok()) break;
            const auto& passed = std::get<wire::PassFile>(received.value().message);
            files[passed.file_id] = std::move(received.value().fds.at(0));
            ++files_passed;
        }
        const std::size_t before = body.size();
        body.resize(before + range.length);
        EXPECT_EQ(::pread(files[range.file_id].get(), body.data() + before, range.length,
                          static_cast<off_t>(range.offset)),
                  static_cast<ssize_t>(range.length));
    }
    static std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
    static UniqueFd memory_file(std::string_view text) {
        UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
        EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
        return file;
    }

    Client client;
    std::unique_ptr<RequestSession>& session = client.session;
    std::unique_ptr<wire::ListenerEnd> listener;
    UniqueFd peer;
    std::shared_ptr<Channel> channel;
    std::uint32_t slot = 0;
    std::string body;
    std::vector<wire::RecordKind> kinds;
    std::map<std::uint32_t, UniqueFd> files;
    int files_passed = 0;
    bool aborted = false;
    bool is_done = false;
};

TEST_F(Session, MakesASmallAnswerVisibleAllAtOnce) {
    send_request();
    ASSERT_TRUE(session->write_head({}).ok());
    ASSERT_TRUE(session->write_body(bytes("hello")).ok());
    session->end(false);
    wire::ListenerEnd::Record record{};
    EXPECT_EQ(listener->next_record(slot, record), wire::ListenerEnd::Outcome::Nothing)
        << "one doorbell, at done()";
    session->done({});
    pump();
    EXPECT_EQ(body, "hello");
    EXPECT_EQ(kinds, (std::vector{wire::RecordKind::Head, wire::RecordKind::Body, wire::RecordKind::End,
                                  wire::RecordKind::Done}));
}

TEST_F(Session, StreamsMoreThanTheWindowHolds) {
    send_request();
    std::string large;
    for (std::size_t i = 0; i < 3 * wire::ResponseWindowBytes; ++i) large += static_cast<char>('a' + i % 26);
    std::thread writer([&] {
        EXPECT_TRUE(session->write_head({}).ok());
        EXPECT_TRUE(session->write_body(bytes(large)).ok());
        session->end(false);
        session->done({});
    });
    std::thread look([&] { pump(); });
    writer.join();
    look.join();
    EXPECT_EQ(body, large);
}

TEST_F(Session, WaitsForABodyThatComesLater) {
    send_request(11);
    std::string read;
    std::thread reader([&] {
        std::byte buffer[4];
        for (;;) {
            const auto got = session->read_body(buffer);
            ASSERT_TRUE(got.ok());
            if (got.value() == 0) break;
            read.append(reinterpret_cast<char*>(buffer), got.value());
        }
    });
    for (const std::string_view piece : {"hello", " ", "world"}) {
        listener->append_body(slot, piece);
        std::this_thread::yield();
    }
    listener->end_body(slot, wire::BodyState::Complete);
    reader.join();
    EXPECT_EQ(read, "hello world");
    session->done({});
}

TEST_F(Session, TellsOfABodyThatWasCut) {
    send_request(100);
    listener->append_body(slot, std::string_view("half"));
    listener->end_body(slot, wire::BodyState::Aborted);
    std::byte buffer[16];
    EXPECT_EQ(session->read_body(buffer).value(), 4u) << "what came first is still there";
    const auto cut = session->read_body(buffer);
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().kind, ErrorKind::Closed);
    session->done({});
}

TEST_F(Session, CompletesAnAsynchronousReadWithoutAThread) {
    send_request(3);
    std::byte buffer[16];
    std::promise<std::size_t> got;
    session->read_body_async(buffer, [&](Result<std::size_t> result) { got.set_value(result.value()); });
    listener->append_body(slot, std::string_view("abc"));
    EXPECT_EQ(got.get_future().get(), 3u);
    session->done({});
}

TEST_F(Session, AnAsynchronousReadEndsWhenTheListenerGoes) {
    send_request(3);
    std::byte buffer[16];
    std::promise<ErrorKind> got;
    session->read_body_async(buffer, [&](Result<std::size_t> result) { got.set_value(result.error().kind); });
    channel->close();
    EXPECT_EQ(got.get_future().get(), ErrorKind::Closed);
    session->done({});
}

TEST_F(Session, TellsWhenTheClientsSocketHasTakenEverything) {
    send_request();
    ASSERT_TRUE(session->write_head({}).ok());
    ASSERT_TRUE(session->write_body(bytes("hello")).ok());
    session->flush();
    std::promise<bool> told;
    auto result = told.get_future();
    session->when_sent([&](const Result<void>& sent) { told.set_value(sent.ok()); });
    wire::ListenerEnd::Record record{};
    while (listener->next_record(slot, record) == wire::ListenerEnd::Outcome::Record) (void)listener->take_payload(slot);
    listener->release_consumed(slot);
    EXPECT_NE(result.wait_for(std::chrono::milliseconds(50)), std::future_status::ready) << "consumed is not sent";
    listener->report_sent(slot);
    EXPECT_TRUE(result.get());
    std::promise<bool> nothing_new;
    session->when_sent([&](const Result<void>& sent) { nothing_new.set_value(sent.ok()); });
    EXPECT_TRUE(nothing_new.get_future().get());
    session->end(false);
    session->done({});
}

TEST_F(Session, ASendThatCannotHappenAnyMoreFails) {
    send_request();
    ASSERT_TRUE(session->write_head({}).ok());
    session->flush();
    std::promise<ErrorKind> told;
    session->when_sent([&](const Result<void>& sent) { told.set_value(sent.error().kind); });
    listener->mark_client_gone(slot);
    EXPECT_EQ(told.get_future().get(), ErrorKind::Closed);
    session->end(true);
    session->done({});
}

TEST_F(Session, HearsOfAConnectionThatCloses) {
    ASSERT_TRUE(wire::send<wire::ListenerToWorkerMessage>(peer, wire::ConnectionClosed{7}).ok());
    while (client.closed_connections.empty()) ASSERT_TRUE(channel->on_socket_readable());
    EXPECT_EQ(client.closed_connections, std::vector<std::uint64_t>{7});
}

TEST_F(Session, FailsWritesToAClientThatHasGone) {
    send_request();
    listener->mark_client_gone(slot);
    ASSERT_TRUE(session->write_head({}).ok());
    const auto written = session->write_body(bytes("x"));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().kind, ErrorKind::Closed);
    session->end(true);
    session->done({});
    pump();
    EXPECT_TRUE(aborted);
}

TEST_F(Session, PassesAFileOnceAndNamesItByNumber) {
    const UniqueFd file = memory_file("0123456789");
    for (int i = 0; i < 3; ++i) {
        is_done = false;
        send_request();
        ASSERT_TRUE(session->write_head({}).ok());
        ASSERT_TRUE(session->write_file(file.get(), 2, 3).ok());
        session->end(false);
        session->done({});
        pump();
        listener->release_slot(slot);
    }
    EXPECT_EQ(body, "234234234");
    EXPECT_EQ(files_passed, 1);
}

TEST_F(Session, SendsBytesWhenNoNumberIsFree) {
    send_request();
    std::vector<UniqueFd> many;
    std::string expected;
    ASSERT_TRUE(session->write_head({}).ok());
    for (std::uint32_t i = 0; i <= FileTableSize; ++i) {
        many.push_back(memory_file(std::to_string(1000 + i)));
        expected += std::to_string(1000 + i);
        ASSERT_TRUE(session->write_file(many.back().get(), 0, 4).ok());
        // The socket holds only so many messages: take them as a listener would.
        for (;;) {
            auto received = wire::receive<wire::WorkerToListenerMessage>(peer);
            if (!received.ok()) break;
            files[std::get<wire::PassFile>(received.value().message).file_id] =
                std::move(received.value().fds.at(0));
            ++files_passed;
        }
    }
    session->end(false);
    session->done({});
    pump();
    EXPECT_EQ(body, expected);
    EXPECT_EQ(files_passed, static_cast<int>(FileTableSize));
}

}  // namespace
}  // namespace osmia::worker
