// The real listener between a client and a fake worker: requests, bodies, answers, order, limits.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/listener_fixture.h"

namespace osmia::testing {
namespace {

constexpr std::string_view Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string status_of(const std::string& response) { return response.size() < 12 ? "" : response.substr(9, 3); }

TEST(Exchange, DemandStartsAWorkerAndAnswers) {
    ListenerProcess listener;
    Client client(listener.port());
    client.send(Get);
    EXPECT_EQ(listener.expect<wire::PoolHasWork>().pool_id, 1u);
    auto worker = listener.add_worker(1, 1);
    const auto slot = worker->next();
    ASSERT_TRUE(slot.has_value());
    const auto view = worker->end().request(*slot);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->path(), "/");
    EXPECT_EQ(view->request_id().size(), 32u);
    worker->answer(*slot, "hello");
    const auto response = client.read_response();
    EXPECT_EQ(status_of(response), "200");
    EXPECT_EQ(body_of(response), "hello");
}

TEST(Exchange, PipelinedAnswersKeepTheirOrderAcrossPools) {
    ListenerProcess listener;
    auto one = listener.add_worker(1, 1), two = listener.add_worker(2, 2);
    Client client(listener.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto first = one->next();
    ASSERT_TRUE(first.has_value());
    one->answer(*first, "1");
    EXPECT_EQ(body_of(client.read_response()), "1");
    const auto second = two->next();
    ASSERT_TRUE(second.has_value());
    two->answer(*second, "2");
    EXPECT_EQ(body_of(client.read_response()), "2");
    const auto third = one->next();
    ASSERT_TRUE(third.has_value());
    one->answer(*third, "3");
    EXPECT_EQ(body_of(client.read_response()), "3");
}

TEST(Exchange, AnUnknownLengthIsChunkedAndKeepsTheConnection) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    for (int round = 0; round < 2; ++round) {
        client.send(Get);
        const auto slot = worker->next();
        ASSERT_TRUE(slot.has_value());
        worker->head(*slot, std::nullopt);
        worker->write(*slot, wire::RecordKind::Body, "part one, ");
        worker->end().publish(*slot);
        worker->write(*slot, wire::RecordKind::Body, "part two");
        worker->end_and_done(*slot);
        EXPECT_EQ(body_of(client.read_response()), "part one, part two");
    }
}

void inform(FakeWorker& worker, std::uint32_t slot, std::uint16_t status) {
    wire::ResponseHead head;
    head.status = status;
    head.fields.push_back({"Link", "</a.css>; rel=preload"});
    const auto bytes = wire::encode_response_head(head);
    worker.write(slot, wire::RecordKind::InformationalHead, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

TEST(Exchange, InformationalResponsesPassButNotToHttp10) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    for (const bool modern : {true, false}) {
        Client client(listener.port());
        client.send(modern ? "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" : "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
        const auto slot = worker->next();
        ASSERT_TRUE(slot.has_value());
        inform(*worker, *slot, 103);
        worker->answer(*slot, "body");
        const auto all = client.read_to_end();
        EXPECT_EQ(all.starts_with("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"), modern) << all;
        EXPECT_EQ(all.find("103"), modern ? 9 : std::string::npos);
        EXPECT_TRUE(all.ends_with("\r\n\r\nbody"));
    }
}

TEST(Exchange, SixteenInformationalResponsesPassAndNoMore) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const auto slot = worker->next();
    ASSERT_TRUE(slot.has_value());
    for (int i = 0; i < 17; ++i) inform(*worker, *slot, 102);
    worker->answer(*slot, "body");
    const auto all = client.read_to_end();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = all.find("HTTP/1.1 102 ", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(count, 16u);
    EXPECT_TRUE(all.ends_with("\r\n\r\nbody"));
}

TEST(Exchange, ASwitchOfProtocolsIsNoAnswer) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const auto slot = worker->next();
    ASSERT_TRUE(slot.has_value());
    inform(*worker, *slot, 101);
    worker->write(*slot, wire::RecordKind::Body, "GET /smuggled HTTP/1.1\r\n\r\n");
    worker->end_and_done(*slot);
    const auto response = client.read_response();
    EXPECT_EQ(status_of(response), "502");
    client.send(Get);
    const auto next = worker->next();
    ASSERT_TRUE(next.has_value());
    worker->answer(*next, "hello");
    EXPECT_EQ(body_of(client.read_response()), "hello");
}

TEST(Exchange, TrailersOfARequestAreCheckedAndNotPassedOn) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
    const auto slot = worker->next();
    ASSERT_TRUE(slot.has_value());
    const auto view = worker->end().request(*slot);
    for (std::uint32_t i = 0; i < view->header_count(); ++i) EXPECT_NE(view->header_name(i), "X-Sum");
    worker->answer(*slot, "seen");
    EXPECT_EQ(body_of(client.read_response()), "seen");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(status_of(client.read_response()), "400");
    EXPECT_TRUE(client.is_closed());
}

TEST(Exchange, HeadHasNoBody) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    worker->answer(*worker->next(), "not to be seen");
    worker->answer(*worker->next(), "body");
    const auto all = client.read_to_end();
    EXPECT_EQ(all.find("not to be seen"), std::string::npos);
    EXPECT_NE(all.find("Content-Length: 14\r\n"), std::string::npos);
    EXPECT_TRUE(all.ends_with("body"));
}

TEST(Exchange, ALargeBodyStreamsUnderBackpressure) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    std::string body(3'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 1000);
    for (const bool chunked : {false, true}) {
        std::thread sender([&] {
            Client client(listener.port());
            std::string head = "POST /up HTTP/1.1\r\nHost: a\r\n";
            if (!chunked) {
                client.send(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
                client.send(body);
            } else {
                client.send(head + "Transfer-Encoding: chunked\r\n\r\n");
                for (std::size_t at = 0; at < body.size(); at += 10'007) {
                    const auto part = body.substr(at, 10'007);
                    client.send(fmt::format("{:x}\r\n", part.size()) + part + "\r\n");
                }
                client.send("0\r\n\r\n");
            }
            EXPECT_EQ(body_of(client.read_response()), "thanks");
        });
        const auto slot = worker->next();
        ASSERT_TRUE(slot.has_value());
        std::string received;
        std::vector<std::byte> buffer(50'000);
        auto& end = worker->end();
        end.want_body(*slot, wire::UnknownLength);
        while (received.size() < body.size()) {
            const auto size = end.read_body(*slot, buffer);
            received.append(reinterpret_cast<char*>(buffer.data()), size);
            if (size == 0) end.want_body(*slot, wire::UnknownLength);
        }
        while (end.body_state(*slot) == wire::BodyState::More) end.want_body(*slot, wire::UnknownLength);
        EXPECT_EQ(end.body_state(*slot), wire::BodyState::Complete);
        EXPECT_TRUE(received == body) << "chunked: " << chunked;
        worker->answer(*slot, "thanks");
        sender.join();
    }
}

TEST(Exchange, ContinueIsSentWhenTheWorkerReadsAndOnlyThen) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    {
        Client client(listener.port());
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        const auto slot = worker->next();
        ASSERT_TRUE(slot.has_value());
        worker->end().want_body(*slot, 5);
        EXPECT_EQ(status_of(client.read_response()), "100");
        client.send("hello");
        while (worker->end().body_available(*slot) < 5) worker->end().wait_events(1'000'000, [](std::uint32_t) {});
        worker->answer(*slot, "got it");
        EXPECT_EQ(body_of(client.read_response()), "got it");
    }
    Client refused(listener.port());
    refused.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    worker->answer(*worker->next(), "no", 413);
    const auto all = refused.read_to_end();
    EXPECT_EQ(status_of(all), "413");
    EXPECT_EQ(all.find("100 Continue"), std::string::npos);
}

TEST(Exchange, SendsFilesByDescriptor) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    char name[] = "/tmp/osmia-test-XXXXXX";
    UniqueFd file(::mkstemp(name));
    ::unlink(name);
    std::string content(1'000'000, 'x');
    for (std::size_t i = 0; i < content.size(); i += 997) content[i] = static_cast<char>('a' + i % 26);
    ASSERT_EQ(::write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    worker->pass_file(7, file.get());
    Client client(listener.port());
    client.send(Get);
    const auto slot = *worker->next();
    worker->head(slot, content.size() + 6);
    worker->write(slot, wire::RecordKind::Body, "<<<");
    const wire::FileRange range{7, 1, 0, wire::UnknownLength};
    worker->write(slot, wire::RecordKind::File, {reinterpret_cast<const char*>(&range), sizeof range});
    worker->write(slot, wire::RecordKind::Body, ">>>");
    worker->end_and_done(slot);
    EXPECT_TRUE(body_of(client.read_response()) == "<<<" + content + ">>>");
}

/// A worker that answers with an empty file of \a size bytes.
void answer_with_file(FakeWorker& worker, std::size_t size) {
    char name[] = "/tmp/osmia-test-XXXXXX";
    UniqueFd file(::mkstemp(name));
    ::unlink(name);
    ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
    worker.pass_file(7, file.get());
    const auto slot = *worker.next();
    worker.head(slot, size);
    const wire::FileRange range{7, 1, 0, size};
    worker.write(slot, wire::RecordKind::File, {reinterpret_cast<const char*>(&range), sizeof range});
    worker.end_and_done(slot);
}

// The kernel takes megabytes at once and then nothing for as long as the client needs for them.
TEST(Exchange, AClientThatEmptiesAFullSocketSlowlyIsNotCut) {
    wire::ListenerLimits limits;
    limits.body_grace_ms = 500;
    ListenerProcess listener(limits);
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    answer_with_file(*worker, 12'000'000);
    char buffer[16'384];
    for (int i = 0; i < 150; ++i) {
        ASSERT_GT(::recv(client.fd(), buffer, sizeof buffer, 0), 0) << "cut after " << i << " reads";
        ::usleep(10'000);
    }
}

TEST(Exchange, AClientThatTakesNothingIsCut) {
    constexpr std::size_t Size = 50'000'000;
    wire::ListenerLimits limits;
    limits.body_grace_ms = 500;
    ListenerProcess listener(limits);
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    answer_with_file(*worker, Size);
    pollfd cut{client.fd(), 0, 0};
    EXPECT_EQ(::poll(&cut, 1, 10'000), 1);
    EXPECT_LT(client.read_to_end().size(), Size);
}

TEST(Exchange, AFileThatIsNotInMemoryIsReadElsewhereAndArrivesWhole) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    char name[] = "/var/tmp/osmia-test-XXXXXX";
    UniqueFd file(::mkstemp(name));
    ::unlink(name);
    std::string content(5'000'000, 'y');
    for (std::size_t i = 0; i < content.size(); i += 1009) content[i] = static_cast<char>('a' + i % 26);
    ASSERT_EQ(::write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ASSERT_EQ(::fsync(file.get()), 0);
    ASSERT_EQ(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    worker->pass_file(0, file.get());
    Client client(listener.port());
    client.send(Get);
    const auto slot = *worker->next();
    worker->head(slot, content.size());
    const wire::FileRange range{0, 1, 0, content.size()};
    worker->write(slot, wire::RecordKind::File, {reinterpret_cast<const char*>(&range), sizeof range});
    worker->end_and_done(slot);
    EXPECT_TRUE(body_of(client.read_response()) == content);
}

TEST(Exchange, SlowHeadersGet408) {
    wire::ListenerLimits limits;
    limits.header_timeout_ms = 300;
    ListenerProcess listener(limits);
    Client client(listener.port());
    client.send("GET / HTTP/1.1\r\nHost:");
    EXPECT_EQ(status_of(client.read_to_end()), "408");
    EXPECT_TRUE(client.is_closed());
}

TEST(Exchange, ASlowBodyGets408) {
    wire::ListenerLimits limits;
    limits.body_grace_ms = 300;
    ListenerProcess listener(limits);
    Client client(listener.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nonly this");
    EXPECT_EQ(status_of(client.read_to_end()), "408");
}

TEST(Exchange, AnIdleConnectionIsClosed) {
    wire::ListenerLimits limits;
    limits.idle_timeout_ms = 300;
    ListenerProcess listener(limits);
    Client client(listener.port());
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_TRUE(client.is_closed());
}

TEST(Exchange, AShortAnswerCutsTheConnection) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    const auto slot = *worker->next();
    worker->head(slot, 100);
    worker->write(slot, wire::RecordKind::Body, "too short");
    worker->end_and_done(slot);
    const auto all = client.read_to_end();
    EXPECT_TRUE(all.ends_with("too short"));
    EXPECT_NE(all.find("Content-Length: 100"), std::string::npos);
}

TEST(Exchange, AHeadThatWouldSplitTheResponseBecomes502) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    const auto slot = *worker->next();
    wire::ResponseHead head;
    head.fields.push_back({"X", "a\r\nSet-Cookie: evil=1"});
    worker->end().write(slot, wire::RecordKind::Head, 0, wire::encode_response_head(head));
    worker->end_and_done(slot);
    const auto response = client.read_response();
    EXPECT_EQ(status_of(response), "502");
    EXPECT_EQ(response.find("evil"), std::string::npos);
}

TEST(Exchange, TheQueueHoldsItsLengthAndNotOneMore) {
    ListenerProcess listener({}, 10);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(std::make_unique<Client>(listener.port()));
        clients.back()->send(Get);
    }
    listener.expect<wire::PoolHasWork>();
    wire::ListenerCounters counters;
    do {
        listener.send(wire::QueryCounters{1});
        counters = listener.expect<wire::ListenerCounters>();
    } while (counters.pools.empty() || counters.pools[0].queued < 10);
    Client one_too_many(listener.port());
    one_too_many.send(Get);
    EXPECT_EQ(status_of(one_too_many.read_response()), "503");
    auto worker = listener.add_worker(1, 1);
    for (int i = 0; i < 10; ++i) worker->answer(*worker->next(), "late");
    for (auto& client : clients) EXPECT_EQ(status_of(client->read_response()), "200");
}

TEST(Exchange, AHalfClosedClientGetsItsAnswer) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    client.shutdown_write();
    worker->answer(*worker->next(), "still here");
    EXPECT_EQ(body_of(client.read_to_end()), "still here");
}

/// Returns when the listener has handled what was sent to it before.
void settle(ListenerProcess& listener) {
    listener.send(wire::QueryCounters{9});
    listener.expect<wire::ListenerCounters>();
}

std::uint64_t closed_connection(FakeWorker& worker) {
    for (;;) {
        auto message = wire::receive<wire::ListenerToWorkerMessage>(worker.socket());
        if (message.ok()) return std::get<wire::ConnectionClosed>(message.value().message).connection_id;
        if (message.error().kind != ErrorKind::Busy) return 0;
    }
}

TEST(Exchange, AConnectionThatClosesBeforeItIsBoundIsToldToo) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    std::uint32_t slot;
    std::uint64_t connection_id;
    {
        Client client(listener.port());
        client.send(Get);
        slot = *worker->next();
        connection_id = worker->end().request(slot)->fixed().connection_id;
        const linger now{1, 0};
        ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    while (!worker->end().client_is_gone(slot)) worker->end().wait_events(1'000'000, [](std::uint32_t) {});
    worker->write(slot, wire::RecordKind::BindConnection);
    worker->answer(slot, "too late");
    EXPECT_EQ(closed_connection(*worker), connection_id);
}

TEST(Exchange, ABoundConnectionEndsWithItsWorker) {
    ListenerProcess listener;
    const pid_t pid = listener.fork_worker(1, 1, [](FakeWorker& worker) {
        const auto slot = *worker.next();
        worker.write(slot, wire::RecordKind::BindConnection);
        worker.answer(slot, "bound");
        for (;;) ::pause();
    });
    Client client(listener.port());
    client.send(Get);
    EXPECT_EQ(body_of(client.read_response()), "bound");
    auto second = listener.add_worker(2, 1);
    ::kill(pid, SIGKILL);
    EXPECT_TRUE(client.is_closed()) << "no other worker may answer its requests";
}

TEST(Exchange, AnIdleWorkerIsNeverPassedOverForABusyOne) {
    ListenerProcess listener;
    std::array workers{listener.add_worker(1, 1), listener.add_worker(2, 1), listener.add_worker(3, 1)};
    settle(listener);
    std::vector<std::unique_ptr<Client>> clients;
    for (int round = 0; round < 4; ++round) {
        for (std::size_t i = 0; i < workers.size(); ++i) {
            clients.push_back(std::make_unique<Client>(listener.port()));
            clients.back()->send(Get);
            settle(listener);
        }
        // Nobody has answered: each worker has as many as the others.
        for (auto& worker : workers) EXPECT_TRUE(worker->next(5000).has_value()) << "round " << round;
    }
}

TEST(Exchange, ABoundConnectionStaysWithItsWorkerEvenWhileThatDrains) {
    ListenerProcess listener;
    auto first = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    auto slot = *first->next();
    first->write(slot, wire::RecordKind::BindConnection);
    first->answer(slot, "bound");
    EXPECT_EQ(body_of(client.read_response()), "bound");
    auto second = listener.add_worker(2, 1);
    for (int i = 0; i < 3; ++i) {
        if (i == 2) listener.send(wire::RetireWorker{1});
        if (i == 2) settle(listener);
        client.send(Get);
        slot = *first->next();
        EXPECT_NE(first->end().request(slot)->fixed().flags & wire::RequestIsBound, 0u);
        first->answer(slot, "mine");
        EXPECT_EQ(body_of(client.read_response()), "mine");
    }
    EXPECT_TRUE(client.is_closed()) << "after the first answer of a worker that leaves";
    EXPECT_EQ(listener.expect<wire::WorkerDrained>().worker_id, 1u) << "not before the connection has gone";
    Client other(listener.port());
    other.send(Get);
    second->answer(*second->next(), "other");
    EXPECT_EQ(body_of(other.read_response()), "other");
}

TEST(Exchange, ClosingABoundConnectionIsTold) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    std::uint64_t connection_id = 0;
    {
        Client client(listener.port());
        client.send(Get);
        const auto slot = *worker->next();
        connection_id = worker->end().request(slot)->fixed().connection_id;
        worker->write(slot, wire::RecordKind::BindConnection);
        worker->answer(slot, "bound");
        client.read_response();
    }
    EXPECT_EQ(closed_connection(*worker), connection_id);
}

TEST(Exchange, AClientThatLeavesIsToldToTheWorkerAndCostsNothing) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    std::uint32_t slot;
    {
        Client client(listener.port());
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(49152, 'x'));
        slot = *worker->next();
        worker->end().want_body(slot, 1'000'000);
        const linger now{1, 0};
        ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    while (!worker->end().client_is_gone(slot)) worker->end().wait_events(1'000'000, [](std::uint32_t) {});
    EXPECT_EQ(worker->end().body_state(slot), wire::BodyState::Aborted);
    worker->answer(slot, std::string(100'000, 'x'));
    wire::ListenerCounters counters;
    do {
        listener.send(wire::QueryCounters{1});
        counters = listener.expect<wire::ListenerCounters>();
    } while (counters.connections != 0 || counters.workers.at(0).active != 0);
    EXPECT_EQ(counters.workers.at(0).requests, 1u);
}

}  // namespace
}  // namespace osmia::testing
