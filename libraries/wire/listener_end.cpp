#include "wire/listener_end.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <cstring>

#include "wire/message_codec.h"

namespace osmia::wire {

Result<std::unique_ptr<ListenerEnd>> ListenerEnd::create() {
    std::unique_ptr<ListenerEnd> end(new ListenerEnd);
    end->requests_ = OSMIA_TRY(SharedRegion::create("osmia-requests", sizeof(RequestRegion), true));
    end->responses_ = OSMIA_TRY(SharedRegion::create("osmia-responses", sizeof(ResponseRegion), false));
    end->doorbell_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!end->doorbell_) return errno_error("eventfd");
    end->request().magic = end->response().magic = ChannelMagic;
    end->request().version = end->response().version = ProtocolVersion;
    end->request().slots = ChannelSlots;
    end->free_.fill(~std::uint64_t{0});
    end->slots_.resize(ChannelSlots);
    return end;
}

std::uint32_t ListenerEnd::take_free_slot() {
    for (std::uint32_t word = 0; word < BitmapWords; ++word) {
        if (free_[word] == 0) continue;
        const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(free_[word]));
        free_[word] &= free_[word] - 1;
        return word * 64 + bit;
    }
    return ChannelSlots;
}

std::optional<std::uint32_t> ListenerEnd::place_request(std::span<const std::byte> head) {
    if (head.size() > sizeof(RequestSlot::head)) return std::nullopt;
    const std::uint32_t slot = take_free_slot();
    if (slot == ChannelSlots) return std::nullopt;
    RequestSlot& place = request().slot[slot];
    std::copy(head.begin(), head.end(), place.head);
    SlotState& state = slots_[slot];
    const std::uint32_t generation = state.generation + 1;
    state = SlotState{};
    state.in_use = true;
    state.generation = generation;
    ++used_;
    place.generation.store(generation, std::memory_order_relaxed);
    place.head_size = static_cast<std::uint32_t>(head.size());
    place.body_written.store(0, std::memory_order_relaxed);
    place.body_state.store(BodyState::More, std::memory_order_relaxed);
    place.flags.store(0, std::memory_order_relaxed);
    place.response_consumed.store(0, std::memory_order_relaxed);
    place.sent.store(0, std::memory_order_relaxed);
    // Left-overs of the slot's earlier use must not be taken for an answer to this request.
    ResponseSlot& answer = response().slot[slot];
    answer.written.store(0, std::memory_order_relaxed);
    answer.body_consumed.store(0, std::memory_order_relaxed);
    answer.body_wanted.store(0, std::memory_order_relaxed);
    answer.begun.store(0, std::memory_order_relaxed);
    answer.waits_for_space.store(0, std::memory_order_relaxed);
    answer.waits_for_body.store(0, std::memory_order_relaxed);
    answer.waits_for_sent.store(0, std::memory_order_relaxed);
    return slot;
}

std::size_t ListenerEnd::body_space(std::uint32_t slot) {
    const SlotState& state = slots_[slot];
    // A lie about consumption can only make the worker lose bytes of its own request, or stand still.
    const std::uint64_t consumed =
        std::min(response().slot[slot].body_consumed.load(std::memory_order_acquire), state.body_written);
    const std::uint64_t held = state.body_written - consumed;
    return held >= BodyWindowBytes ? 0 : BodyWindowBytes - held;
}

std::size_t ListenerEnd::append_body(std::uint32_t slot, std::span<const char> bytes) {
    SlotState& state = slots_[slot];
    RequestSlot& place = request().slot[slot];
    const std::size_t size = std::min(bytes.size(), body_space(slot));
    const std::size_t offset = state.body_written % BodyWindowBytes;
    const std::size_t first = std::min<std::size_t>(size, BodyWindowBytes - offset);
    if (size > 0) {
        std::memcpy(place.body + offset, bytes.data(), first);
        std::memcpy(place.body, bytes.data() + first, size - first);
    }
    state.body_written += size;
    place.body_written.store(state.body_written, std::memory_order_seq_cst);
    if (response().slot[slot].waits_for_body.load(std::memory_order_seq_cst) != 0) signal(slot);
    return size;
}

void ListenerEnd::end_body(std::uint32_t slot, BodyState body_state) {
    request().slot[slot].body_state.store(body_state, std::memory_order_seq_cst);
    if (response().slot[slot].waits_for_body.load(std::memory_order_seq_cst) != 0) signal(slot);
}

std::uint64_t ListenerEnd::body_wanted(std::uint32_t slot) const {
    return response().slot[slot].body_wanted.load(std::memory_order_acquire);
}

void ListenerEnd::publish(std::uint32_t slot) {
    request().ring[tail_ % ChannelSlots] = slot;
    slots_[slot].ring_index = tail_;
    ++tail_;
}

void ListenerEnd::flush(std::uint32_t max_awake) {
    if (tail_ == visible_tail_) return;
    visible_tail_ = tail_;
    request().ring_tail.store(tail_, std::memory_order_seq_cst);
    const auto parked = response().parked.load(std::memory_order_seq_cst);
    const auto threads = response().threads.load(std::memory_order_relaxed);
    const auto parked_count = static_cast<std::uint32_t>(__builtin_popcountll(parked));
    if (parked != 0 && threads - std::min(threads, parked_count) < max_awake) wake_one_more();
}

std::uint32_t ListenerEnd::untaken() const {
    const std::uint32_t left = visible_tail_ - response().ring_head.load(std::memory_order_acquire);
    return left <= ChannelSlots ? left : 0;
}

void ListenerEnd::wake_one_more() {
    std::uint64_t parked = response().parked.load(std::memory_order_seq_cst);
    // Bounded: a hostile worker may change the mask for ever.
    for (int tries = 0; parked != 0 && tries < 8; ++tries) {
        const std::uint64_t bit = parked & (~parked + 1);
        const std::uint64_t before = response().parked.fetch_and(~bit, std::memory_order_seq_cst);
        if ((before & bit) != 0) {
            auto& word = response().thread_word[__builtin_ctzll(bit)];
            word.store(1, std::memory_order_release);
            futex_wake(&word, 1);
            return;
        }
        parked = before;
    }
    if (response().starved.exchange(1, std::memory_order_relaxed) == 0) wake_channel_thread();
}

void ListenerEnd::wake_channel_thread() {
    response().event_word.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(&response().event_word, 1);
}

void ListenerEnd::signal(std::uint32_t slot) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    response().event[slot / 64].fetch_or(bit, std::memory_order_seq_cst);
    wake_channel_thread();
}

void ListenerEnd::mark_client_gone(std::uint32_t slot) {
    request().slot[slot].flags.fetch_or(SlotClientGone, std::memory_order_relaxed);
    signal(slot);
}

void ListenerEnd::report_sent(std::uint32_t slot) {
    SlotState& state = slots_[slot];
    if (state.sent == state.position) return;
    state.sent = state.position;
    request().slot[slot].sent.store(state.sent, std::memory_order_seq_cst);
    if (response().slot[slot].waits_for_sent.load(std::memory_order_seq_cst) != 0) signal(slot);
}

void ListenerEnd::send_noop() {
    request().noop_sequence.store(++noop_, std::memory_order_release);
    wake_channel_thread();
}

bool ListenerEnd::noop_answered() const { return response().noop_echo.load(std::memory_order_acquire) == noop_; }

bool ListenerEnd::was_taken(std::uint32_t slot) const {
    const std::uint32_t head = response().ring_head.load(std::memory_order_acquire);
    return static_cast<std::int32_t>(head - slots_[slot].ring_index) > 0;
}

bool ListenerEnd::was_visible(std::uint32_t slot) const {
    return static_cast<std::int32_t>(visible_tail_ - slots_[slot].ring_index) > 0;
}

bool ListenerEnd::is_plausible() const {
    const std::uint32_t untaken = visible_tail_ - response().ring_head.load(std::memory_order_acquire);
    return response().magic == ChannelMagic && response().version == ProtocolVersion && untaken <= ChannelSlots;
}

bool ListenerEnd::was_begun(std::uint32_t slot) const {
    return response().slot[slot].begun.load(std::memory_order_acquire) != 0;
}

DeathCause ListenerEnd::death_cause() const {
    const auto cause = response().death_cause.load(std::memory_order_acquire);
    return cause == DeathCause::Signal || cause == DeathCause::Exit ? cause : DeathCause::Outside;
}

bool ListenerEnd::refresh(std::uint32_t slot) {
    SlotState& state = slots_[slot];
    const std::uint64_t written = response().slot[slot].written.load(std::memory_order_acquire);
    if (written < state.written || written - state.position > ResponseWindowBytes) return false;
    state.written = written;
    return true;
}

void ListenerEnd::copy_out(std::uint32_t slot, std::uint64_t position, void* target, std::size_t size) const {
    if (size == 0) return;
    const std::byte* window = response().slot[slot].window;
    const std::size_t offset = position % ResponseWindowBytes;
    const std::size_t first = std::min<std::size_t>(size, ResponseWindowBytes - offset);
    std::memcpy(target, window + offset, first);
    std::memcpy(static_cast<std::byte*>(target) + first, window, size - first);
}

ListenerEnd::Outcome ListenerEnd::next_record(std::uint32_t slot, Record& record) {
    SlotState& state = slots_[slot];
    if (!state.has_record) {
        if (!refresh(slot)) return Outcome::Broken;
        const std::uint64_t available = state.written - state.position;
        if (available == 0) return Outcome::Nothing;
        if (available < sizeof(RecordHeader)) return Outcome::Broken;
        RecordHeader header;
        copy_out(slot, state.position, &header, sizeof header);
        const bool known = header.kind >= RecordKind::InformationalHead && header.kind <= RecordKind::Last;
        const bool small = header.kind == RecordKind::Body || header.length <= MaxRecordPayload;
        if (!known || !small || header.generation != state.generation || header.length > ResponseWindowBytes ||
            padded(header.length) > available - sizeof header) {
            return Outcome::Broken;
        }
        state.position += sizeof header;
        state.payload_left = header.length;
        state.pad = static_cast<std::uint32_t>(padded(header.length) - header.length);
        state.record = Record{header.kind, header.flags, header.length};
        state.has_record = true;
        if (header.length == 0) state.has_record = false;
        record = state.record;
        return Outcome::Record;
    }
    record = state.record;
    record.length = state.payload_left;
    return Outcome::Record;
}

std::span<const std::byte> ListenerEnd::take_payload(std::uint32_t slot) {
    SlotState& state = slots_[slot];
    OSMIA_CHECK(state.payload_left <= MaxRecordPayload, "only a body record may be larger");
    payload_.resize(state.payload_left);
    copy_out(slot, state.position, payload_.data(), payload_.size());
    if (!payload_.empty()) consume(slot, payload_.size());
    return payload_;
}

int ListenerEnd::payload_pieces(std::uint32_t slot, std::size_t limit, iovec pieces[2]) const {
    const SlotState& state = slots_[slot];
    const std::size_t size = std::min<std::size_t>(state.payload_left, limit);
    if (size == 0) return 0;
    std::byte* window = response().slot[slot].window;
    const std::size_t offset = state.position % ResponseWindowBytes;
    const std::size_t first = std::min<std::size_t>(size, ResponseWindowBytes - offset);
    pieces[0] = {window + offset, first};
    pieces[1] = {window, size - first};
    return first == size ? 1 : 2;
}

bool ListenerEnd::is_finished(std::uint32_t slot) {
    if (!refresh(slot)) return false;
    const SlotState& state = slots_[slot];
    std::uint64_t position = state.position + (state.has_record ? state.payload_left + state.pad : 0);
    while (state.written - position >= sizeof(RecordHeader) && position <= state.written) {
        RecordHeader header;
        copy_out(slot, position, &header, sizeof header);
        if (header.kind == RecordKind::Done) return true;
        position += sizeof header + padded(header.length);
    }
    return false;
}

void ListenerEnd::consume(std::uint32_t slot, std::size_t bytes) {
    SlotState& state = slots_[slot];
    OSMIA_CHECK(bytes <= state.payload_left, "consumes no more than the record has");
    state.position += bytes;
    state.payload_left -= static_cast<std::uint32_t>(bytes);
    if (state.payload_left == 0) {
        state.position += state.pad;
        state.pad = 0;
        state.has_record = false;
    }
}

void ListenerEnd::release_consumed(std::uint32_t slot) {
    request().slot[slot].response_consumed.store(slots_[slot].position, std::memory_order_seq_cst);
    if (response().slot[slot].waits_for_space.load(std::memory_order_seq_cst) != 0) signal(slot);
}

void ListenerEnd::release_slot(std::uint32_t slot) {
    OSMIA_CHECK(slots_[slot].in_use, "a slot is released once");
    slots_[slot].in_use = false;
    free_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    --used_;
}

bool ListenerEnd::prepare_sleep() {
    response().listener_sleeps.store(1, std::memory_order_seq_cst);
    for (auto& word : response().completion) {
        if (word.load(std::memory_order_seq_cst) != 0) {
            woke_up();
            return false;
        }
    }
    return true;
}

void ListenerEnd::woke_up() { response().listener_sleeps.store(0, std::memory_order_relaxed); }

}  // namespace osmia::wire
