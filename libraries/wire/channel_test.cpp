#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "wire/listener_end.h"
#include "wire/worker_end.h"

namespace osmia::wire {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
std::string text_of(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class Channel : public testing::Test {
protected:
    Channel() {
        listener = ListenerEnd::create().value();
        const auto fds = listener->descriptors();
        auto attached = WorkerEnd::attach(UniqueFd(::dup(fds[0])), UniqueFd(::dup(fds[1])), UniqueFd(::dup(fds[2])));
        worker = std::move(attached).value();
    }

    std::uint32_t send_request(std::string_view path) {
        RequestDescription description;
        description.method = "GET";
        description.path = path;
        description.raw_target = path;
        const RequestDescription::Header headers[] = {{"Host", "example"}, {"Accept", "*/*"}};
        description.headers = headers;
        const auto slot = place(description);
        EXPECT_TRUE(slot.has_value());
        listener->publish(*slot);
        listener->flush(2);
        return *slot;
    }

    std::optional<std::uint32_t> place(const RequestDescription& description) {
        std::vector<std::byte> head(RequestHeadBytes);
        const auto size = encode_request_head(description, head);
        return size ? listener->place_request(std::span(head).first(*size)) : std::nullopt;
    }

    std::unique_ptr<ListenerEnd> listener;
    std::unique_ptr<WorkerEnd> worker;
    ListenerEnd::Record record{};
};

TEST_F(Channel, CarriesARequestAndItsAnswer) {
    const auto slot = send_request("/hello");
    ASSERT_EQ(worker->take(), slot);
    EXPECT_FALSE(worker->take().has_value());
    const auto view = worker->request(slot);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->path(), "/hello");
    ASSERT_EQ(view->header_count(), 2u);
    EXPECT_EQ(view->header_value(1), "*/*");

    ResponseHead head;
    head.fields.push_back({"Content-Type", "text/plain"});
    worker->write(slot, RecordKind::Head, 0, encode_response_head(head));
    worker->write(slot, RecordKind::Body, 0, bytes_of("hi there"));
    worker->write(slot, RecordKind::Done, 0, encode_done_fields({}));
    EXPECT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Nothing) << "nothing is visible before publish";
    worker->publish(slot);

    std::vector<std::uint32_t> marked;
    listener->collect([&](std::uint32_t s) { marked.push_back(s); });
    EXPECT_EQ(marked, std::vector{slot});
    ASSERT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Record);
    ASSERT_EQ(record.kind, RecordKind::Head);
    ResponseHeadView decoded;
    ASSERT_TRUE(decode_response_head(listener->take_payload(slot), decoded));
    EXPECT_EQ(decoded.fields[0].value, "text/plain");
    ASSERT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Record);
    EXPECT_EQ(record.kind, RecordKind::Body);
    iovec pieces[2];
    ASSERT_EQ(listener->payload_pieces(slot, 1000, pieces), 1);
    EXPECT_EQ(std::string(static_cast<char*>(pieces[0].iov_base), pieces[0].iov_len), "hi there");
    listener->consume(slot, 8);
    ASSERT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Record);
    EXPECT_EQ(record.kind, RecordKind::Done);
    listener->take_payload(slot);
    listener->release_slot(slot);
    EXPECT_EQ(listener->used_slots(), 0u);
}

TEST_F(Channel, ARecordWithoutPayloadNeedsRoomToo) {
    const auto slot = send_request("/full");
    worker->take();
    const std::size_t all_but_one_header = ResponseWindowBytes - 2 * sizeof(RecordHeader);
    worker->write(slot, RecordKind::Body, 0, bytes_of(std::string(all_but_one_header, 'x')));
    EXPECT_TRUE(worker->fits(slot, 0));
    EXPECT_FALSE(worker->fits(slot, 1));
    worker->write(slot, RecordKind::Flush, 0, {});
    EXPECT_FALSE(worker->fits(slot, 0));
    EXPECT_EQ(worker->response_space(slot), 0u);
    worker->publish(slot);
    ASSERT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Record);
    listener->consume(slot, record.length);
    listener->release_consumed(slot);
    EXPECT_TRUE(worker->fits(slot, 0));
}

TEST_F(Channel, StreamsALongAnswerThroughTheWindow) {
    const auto slot = send_request("/long");
    worker->take();
    std::string sent, received;
    const std::size_t total = 3 * ResponseWindowBytes + 12345;
    while (received.size() < total) {
        while (sent.size() < total) {
            const std::size_t size = std::min({worker->response_space(slot), total - sent.size(), std::size_t{10007}});
            if (size == 0) break;
            std::string part(size, static_cast<char>('a' + sent.size() % 26));
            worker->write(slot, RecordKind::Body, 0, bytes_of(part));
            worker->publish(slot);
            sent += part;
        }
        while (listener->next_record(slot, record) == ListenerEnd::Outcome::Record) {
            iovec pieces[2];
            const int count = listener->payload_pieces(slot, 5000, pieces);
            std::size_t size = 0;
            for (int i = 0; i < count; ++i) {
                received.append(static_cast<char*>(pieces[i].iov_base), pieces[i].iov_len);
                size += pieces[i].iov_len;
            }
            listener->consume(slot, size);
        }
        listener->release_consumed(slot);
    }
    EXPECT_EQ(received, sent);
}

TEST_F(Channel, StreamsALongBodyThroughTheWindow) {
    const auto slot = send_request("/upload");
    worker->take();
    std::string sent, received;
    const std::size_t total = 2 * BodyWindowBytes + 777;
    while (received.size() < total) {
        std::string part(std::min<std::size_t>(total - sent.size(), 60000), static_cast<char>('A' + sent.size() % 26));
        sent += part.substr(0, listener->append_body(slot, part));
        std::vector<std::byte> target(33333);
        const auto size = worker->read_body(slot, target);
        received += text_of(std::span(target).first(size));
    }
    EXPECT_EQ(received, sent);
}

TEST_F(Channel, SlotsAreLimitedAndComeBack) {
    std::vector<std::uint32_t> slots;
    for (std::uint32_t i = 0; i < ChannelSlots; ++i) slots.push_back(*place({}));
    EXPECT_FALSE(place({}).has_value());
    EXPECT_FALSE(listener->has_free_slot());
    listener->release_slot(slots[5]);
    EXPECT_EQ(place({}), slots[5]);
}

TEST_F(Channel, AHeadThatDoesNotFitIsRefusedAndTakesNoSlot) {
    const std::vector<std::byte> at_limit(sizeof(RequestSlot::head)), past(sizeof(RequestSlot::head) + 1);
    EXPECT_FALSE(listener->place_request(past).has_value());
    EXPECT_EQ(listener->used_slots(), 0u);
    EXPECT_TRUE(listener->place_request(at_limit).has_value());
    RequestDescription description;
    const std::string too_long(RequestHeadBytes, 'x');
    description.path = too_long;
    EXPECT_FALSE(place(description).has_value());
}

TEST_F(Channel, AnAnswerFromAnEarlierUseOfTheSlotIsNotSeen) {
    const auto slot = send_request("/one");
    worker->take();
    worker->write(slot, RecordKind::Body, 0, bytes_of("old"));
    worker->publish(slot);
    listener->release_slot(slot);
    ASSERT_EQ(send_request("/two"), slot);
    EXPECT_EQ(listener->next_record(slot, record), ListenerEnd::Outcome::Nothing);
}

TEST_F(Channel, WhatNoHonestWorkerWritesIsBroken) {
    const auto slot = send_request("/");
    auto* shared = static_cast<ResponseRegion*>(
        ::mmap(nullptr, sizeof(ResponseRegion), PROT_READ | PROT_WRITE, MAP_SHARED, listener->descriptors()[1], 0));
    auto& answer = shared->slot[slot];
    const auto attempt = [&](std::uint64_t written, RecordHeader header) {
        std::memcpy(answer.window, &header, sizeof header);
        answer.written.store(written);
        return listener->next_record(slot, record);
    };
    const RecordHeader good{RecordKind::Flush, 0, 0, 1, 0};
    EXPECT_EQ(attempt(ResponseWindowBytes + 1, good), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(8, good), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(16, {RecordKind::Body, 0, 100, 1, 0}), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(ResponseWindowBytes, {RecordKind::Body, 0, 0xffffffff, 1, 0}), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(ResponseWindowBytes, {RecordKind::Head, 0, MaxRecordPayload + 1, 1, 0}), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(ResponseWindowBytes, {RecordKind::Flush, 0, 0, 2, 0}), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(ResponseWindowBytes, {static_cast<RecordKind>(99), 0, 0, 1, 0}), ListenerEnd::Outcome::Broken);
    EXPECT_EQ(attempt(ResponseWindowBytes, {RecordKind::Head, 0, MaxRecordPayload, 1, 0}), ListenerEnd::Outcome::Record);
    ::munmap(shared, sizeof(ResponseRegion));
}

TEST_F(Channel, TheWorkerCannotWriteTheRequestRegion) {
    EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, listener->descriptors()[0], 0), MAP_FAILED);
    EXPECT_EQ(::pwrite(listener->descriptors()[0], "x", 1, 0), -1);
    void* address = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, listener->descriptors()[0], 0);
    ASSERT_NE(address, MAP_FAILED);
    EXPECT_EQ(::mprotect(address, 4096, PROT_READ | PROT_WRITE), -1);
    ::munmap(address, 4096);
    EXPECT_EQ(::ftruncate(listener->descriptors()[1], 0), -1);
}

TEST_F(Channel, AParkedThreadIsWokenByARequestAndByTheWorker) {
    worker->set_thread_count(1);
    int taken = 0;
    std::thread thread([&] {
        while (taken < 2) {
            if (worker->take()) ++taken;
            else worker->park(0, 10'000'000'000, [] { return false; });
        }
        while (!worker->park(0, 10'000'000'000, [] { return false; })) {}
    });
    send_request("/1");
    send_request("/2");
    while (worker->has_work()) std::this_thread::yield();
    while (!worker->wake_one()) std::this_thread::yield();
    thread.join();
    EXPECT_EQ(taken, 2);
}

TEST_F(Channel, TheChannelThreadHearsOfBodySpaceClientAndNoop) {
    const auto slot = send_request("/");
    worker->take();
    listener->send_noop();
    EXPECT_FALSE(listener->noop_answered());
    listener->mark_client_gone(slot);
    std::vector<std::uint32_t> seen;
    worker->wait_events(0, [&](std::uint32_t s) { seen.push_back(s); });
    EXPECT_EQ(seen, std::vector{slot});
    EXPECT_TRUE(listener->noop_answered());
    EXPECT_TRUE(worker->client_is_gone(slot));
}

TEST_F(Channel, TheDoorbellRingsOnlyForASleeper) {
    const auto slot = send_request("/");
    worker->take();
    const auto rung = [&] { std::uint64_t n = 0; return ::read(listener->doorbell().get(), &n, sizeof n) > 0; };
    worker->write(slot, RecordKind::Flush, 0, {});
    worker->publish(slot);
    EXPECT_FALSE(rung());
    EXPECT_FALSE(listener->prepare_sleep()) << "there is something to collect";
    listener->collect([](std::uint32_t) {});
    EXPECT_TRUE(listener->prepare_sleep());
    worker->write(slot, RecordKind::Flush, 0, {});
    worker->publish(slot);
    EXPECT_TRUE(rung());
}

TEST_F(Channel, TellsTakenFromUntakenAndBegunFromNot) {
    const auto first = send_request("/1"), second = send_request("/2"), third = send_request("/3");
    worker->take();
    worker->mark_begun(first);
    worker->take();
    EXPECT_TRUE(listener->was_taken(first) && listener->was_begun(first));
    EXPECT_TRUE(listener->was_taken(second) && !listener->was_begun(second));
    EXPECT_FALSE(listener->was_taken(third));
    EXPECT_EQ(listener->untaken(), 1u);
}

TEST(ResponseHeadCodec, FieldsAreLimited) {
    ResponseHead head;
    head.fields.resize(MaxResponseFields, {"A", "b"});
    ResponseHeadView decoded;
    EXPECT_TRUE(decode_response_head(encode_response_head(head), decoded));
    head.fields.push_back({"A", "b"});
    EXPECT_FALSE(decode_response_head(encode_response_head(head), decoded));
}

}  // namespace
}  // namespace osmia::wire
