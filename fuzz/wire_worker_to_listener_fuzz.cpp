// Hostile direction: whatever a worker leaves in the response region or sends over its sockets, read as the listener and
// the supervisor read it. Input: bytes 0..7 the `written` position, 8 flags, then the window's content.
#include <sys/mman.h>

#include <cstring>

#include "wire/channel_message.h"
#include "wire/listener_end.h"
#include "wire/listener_to_supervisor.h"
#include "wire/worker_to_supervisor.h"

namespace {

using namespace osmia::wire;

struct Fixture {
    std::unique_ptr<ListenerEnd> end = ListenerEnd::create().value();
    ResponseRegion* region = static_cast<ResponseRegion*>(
        ::mmap(nullptr, sizeof(ResponseRegion), PROT_READ | PROT_WRITE, MAP_SHARED, end->descriptors()[1], 0));
};

std::size_t sink;

void read_like_the_pump(ListenerEnd& end, std::uint32_t slot, unsigned step) {
    ListenerEnd::Record record;
    ResponseHeadView head;
    sink += end.is_finished(slot);
    // More rounds than the window has room for records: next_record() must come to an end by itself.
    for (std::uint32_t round = 0; round <= ResponseWindowBytes / sizeof(RecordHeader) + 1; ++round) {
        if (end.next_record(slot, record) != ListenerEnd::Outcome::Record) return;
        if (record.kind == RecordKind::Body) {
            iovec pieces[2];
            const int count = end.payload_pieces(slot, step + 1, pieces);
            std::size_t size = 0;
            for (int i = 0; i < count; ++i) {
                for (std::size_t at = 0; at < pieces[i].iov_len; ++at) sink += static_cast<unsigned char*>(pieces[i].iov_base)[at];
                size += pieces[i].iov_len;
            }
            if (size > 0) end.consume(slot, size);
        } else {
            const auto payload = end.take_payload(slot);
            if (decode_response_head(payload, head)) {
                for (const auto& field : head.fields) sink += field.name.size() + field.value.size();
            }
            if (const auto done = decode_done_fields(payload)) sink += done->log_data.size();
        }
    }
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Fixture fixture;
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    sink += decode<WorkerToListenerMessage>(bytes).ok();
    sink += decode<WorkerToSupervisor>(bytes).ok();
    sink += decode<ListenerToSupervisor>(bytes).ok();
    if (size < 9) return 0;
    const auto slot = fixture.end->place_request({});
    ResponseSlot& answer = fixture.region->slot[*slot];
    std::uint64_t written;
    std::memcpy(&written, data, sizeof written);
    const std::size_t content = std::min<std::size_t>(size - 9, ResponseWindowBytes);
    std::memcpy(answer.window, data + 9, content);
    // Generations advance with each use; a record that carries 1 means "the right one".
    const std::uint32_t generation = fixture.end->generation(*slot);
    for (std::size_t at = 8; at + 4 <= content; at += 8) {
        std::uint32_t word;
        std::memcpy(&word, answer.window + at, sizeof word);
        if (word == 1) std::memcpy(answer.window + at, &generation, sizeof generation);
    }
    answer.written.store((data[8] & 1) != 0 ? written : content & ~std::size_t{7});
    answer.body_consumed.store(written);
    fixture.region->ring_head.store(static_cast<std::uint32_t>(written));
    fixture.region->death_cause.store(static_cast<DeathCause>(data[8]));
    sink += fixture.end->body_space(*slot) + fixture.end->untaken() + fixture.end->was_taken(*slot);
    sink += fixture.end->append_body(*slot, {reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 64)});
    sink += static_cast<std::size_t>(fixture.end->death_cause());
    read_like_the_pump(*fixture.end, *slot, data[8]);
    fixture.end->release_slot(*slot);
    return 0;
}
