#include "wire/worker_end.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "wire/message_codec.h"

namespace osmia::wire {

Result<std::unique_ptr<WorkerEnd>> WorkerEnd::attach(UniqueFd requests, UniqueFd responses, UniqueFd doorbell) {
    std::unique_ptr<WorkerEnd> end(new WorkerEnd);
    end->requests_ = OSMIA_TRY(SharedRegion::map(std::move(requests), sizeof(RequestRegion), false));
    end->responses_ = OSMIA_TRY(SharedRegion::map(std::move(responses), sizeof(ResponseRegion), true));
    end->doorbell_ = std::move(doorbell);
    if (end->requests().magic != ChannelMagic || end->requests().version != ProtocolVersion ||
        end->requests().slots != ChannelSlots) {
        return make_error(ErrorKind::Invalid, "the listener's channel has version {}, this worker understands {}",
                          end->requests().version, ProtocolVersion);
    }
    return end;
}

std::optional<std::uint32_t> WorkerEnd::take() {
    std::uint32_t head = response().ring_head.load(std::memory_order_relaxed);
    for (;;) {
        const std::uint32_t tail = requests().ring_tail.load(std::memory_order_acquire);
        if (head == tail) return std::nullopt;
        const std::uint32_t slot = requests().ring[head % ChannelSlots];
        if (!response().ring_head.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel)) continue;
        if (slot >= ChannelSlots) return std::nullopt;
        (void)handed_over_[slot].load(std::memory_order_acquire);
        slots_[slot] = SlotState{};
        slots_[slot].generation = requests().slot[slot].generation.load(std::memory_order_relaxed);
        return slot;
    }
}

bool WorkerEnd::has_work() const {
    return response().ring_head.load(std::memory_order_seq_cst) != requests().ring_tail.load(std::memory_order_seq_cst);
}

bool WorkerEnd::park(std::uint32_t index, long long limit_ns, const std::function<bool()>& must_stay_awake) {
    auto& word = response().thread_word[index];
    const std::uint64_t bit = std::uint64_t{1} << index;
    word.store(0, std::memory_order_relaxed);
    response().parked.fetch_or(bit, std::memory_order_seq_cst);
    if (!has_work() && !must_stay_awake()) futex_wait(&word, 0, limit_ns);
    const bool was_parked = (response().parked.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0;
    return !was_parked;
}

bool WorkerEnd::wake_one() {
    std::uint64_t parked = response().parked.load(std::memory_order_seq_cst);
    while (parked != 0) {
        const std::uint64_t bit = parked & (~parked + 1);
        const std::uint64_t before = response().parked.fetch_and(~bit, std::memory_order_seq_cst);
        if ((before & bit) != 0) {
            auto& word = response().thread_word[__builtin_ctzll(bit)];
            word.store(1, std::memory_order_release);
            futex_wake(&word, 1);
            return true;
        }
        parked = before;
    }
    return false;
}

std::optional<RequestView> WorkerEnd::request(std::uint32_t slot) const {
    const RequestSlot& place = requests().slot[slot];
    return RequestView::decode(std::span(place.head).first(std::min<std::size_t>(place.head_size, sizeof place.head)));
}

void WorkerEnd::mark_begun(std::uint32_t slot) { response().slot[slot].begun.store(1, std::memory_order_release); }

bool WorkerEnd::client_is_gone(std::uint32_t slot) const {
    return (requests().slot[slot].flags.load(std::memory_order_acquire) & SlotClientGone) != 0;
}

std::size_t WorkerEnd::body_available(std::uint32_t slot) const {
    return static_cast<std::size_t>(requests().slot[slot].body_written.load(std::memory_order_seq_cst) -
                                    slots_[slot].body_consumed);
}

BodyState WorkerEnd::body_state(std::uint32_t slot) const {
    return requests().slot[slot].body_state.load(std::memory_order_seq_cst);
}

std::size_t WorkerEnd::read_body(std::uint32_t slot, std::span<std::byte> target) {
    SlotState& state = slots_[slot];
    const std::size_t size = std::min(target.size(), body_available(slot));
    if (size == 0) return 0;
    const std::byte* window = requests().slot[slot].body;
    const std::size_t offset = state.body_consumed % BodyWindowBytes;
    const std::size_t first = std::min<std::size_t>(size, BodyWindowBytes - offset);
    std::memcpy(target.data(), window + offset, first);
    std::memcpy(target.data() + first, window, size - first);
    state.body_consumed += size;
    response().slot[slot].body_consumed.store(state.body_consumed, std::memory_order_release);
    return size;
}

void WorkerEnd::want_body(std::uint32_t slot, std::uint64_t total) {
    response().slot[slot].body_wanted.store(total, std::memory_order_release);
    response().completion[slot / 64].fetch_or(std::uint64_t{1} << (slot % 64), std::memory_order_seq_cst);
    ring_doorbell();
}

void WorkerEnd::set_waits_for_body(std::uint32_t slot, bool waits) {
    response().slot[slot].waits_for_body.store(waits ? 1 : 0, std::memory_order_seq_cst);
}

void WorkerEnd::set_waits_for_space(std::uint32_t slot, bool waits) {
    response().slot[slot].waits_for_space.store(waits ? 1 : 0, std::memory_order_seq_cst);
}

void WorkerEnd::set_waits_for_sent(std::uint32_t slot, bool waits) {
    response().slot[slot].waits_for_sent.store(waits ? 1 : 0, std::memory_order_seq_cst);
}

std::uint64_t WorkerEnd::response_window_left(std::uint32_t slot) const {
    const std::uint64_t consumed = requests().slot[slot].response_consumed.load(std::memory_order_seq_cst);
    const std::uint64_t used = slots_[slot].written - consumed;
    OSMIA_CHECK(used <= ResponseWindowBytes, "what the listener has not read is not overwritten");
    return ResponseWindowBytes - used;
}

bool WorkerEnd::fits(std::uint32_t slot, std::size_t size) const {
    return size <= ResponseWindowBytes && sizeof(RecordHeader) + padded(size) <= response_window_left(slot);
}

std::size_t WorkerEnd::response_space(std::uint32_t slot) const {
    const std::uint64_t left = response_window_left(slot);
    return left < sizeof(RecordHeader) + 8 ? 0 : (left - sizeof(RecordHeader)) & ~std::uint64_t{7};
}

void WorkerEnd::copy_in(std::uint32_t slot, std::uint64_t position, const void* bytes, std::size_t size) {
    if (size == 0) return;
    std::byte* window = response().slot[slot].window;
    const std::size_t offset = position % ResponseWindowBytes;
    const std::size_t first = std::min<std::size_t>(size, ResponseWindowBytes - offset);
    std::memcpy(window + offset, bytes, first);
    std::memcpy(window, static_cast<const std::byte*>(bytes) + first, size - first);
}

void WorkerEnd::write(std::uint32_t slot, RecordKind kind, std::uint16_t flags, std::span<const std::byte> payload) {
    SlotState& state = slots_[slot];
    OSMIA_CHECK(fits(slot, payload.size()), "a record fits the window");
    const RecordHeader header{kind, flags, static_cast<std::uint32_t>(payload.size()), state.generation, 0};
    copy_in(slot, state.written, &header, sizeof header);
    copy_in(slot, state.written + sizeof header, payload.data(), payload.size());
    state.written += sizeof header + padded(payload.size());
}

bool WorkerEnd::is_consumed(const WriteMark& mark) const {
    const RequestSlot& place = requests().slot[mark.slot];
    // A slot is used again only when its earlier use has ended.
    return place.generation.load(std::memory_order_acquire) != mark.generation ||
           place.response_consumed.load(std::memory_order_acquire) >= mark.position;
}

bool WorkerEnd::is_sent(const WriteMark& mark) const {
    return requests().slot[mark.slot].sent.load(std::memory_order_seq_cst) >= mark.position;
}

void WorkerEnd::publish(std::uint32_t slot) {
    SlotState& state = slots_[slot];
    if (state.published == state.written) return;
    const std::uint64_t written = state.written;
    state.published = written;
    // From the store of a Done record's end on, the slot may belong to another request.
    handed_over_[slot].store(true, std::memory_order_release);
    response().slot[slot].written.store(written, std::memory_order_release);
    response().completion[slot / 64].fetch_or(std::uint64_t{1} << (slot % 64), std::memory_order_seq_cst);
    ring_doorbell();
}

void WorkerEnd::ring_doorbell() {
    if (response().listener_sleeps.load(std::memory_order_seq_cst) == 0) return;
    if (response().listener_sleeps.exchange(0, std::memory_order_seq_cst) == 0) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(doorbell_.get(), &one, sizeof one);
}

WorkerEnd::Events WorkerEnd::wait_events(long long limit_ns, const std::function<void(std::uint32_t)>& look) {
    return wait_events([limit_ns] { return limit_ns; }, look);
}

WorkerEnd::Events WorkerEnd::wait_events(const std::function<long long()>& limit_ns, const std::function<void(std::uint32_t)>& look) {
    const std::uint32_t before = response().event_word.load(std::memory_order_seq_cst);
    Events events;
    bool any = false;
    for (std::uint32_t word = 0; word < BitmapWords; ++word) {
        if (response().event[word].load(std::memory_order_seq_cst) == 0) continue;
        std::uint64_t bits = response().event[word].exchange(0, std::memory_order_seq_cst);
        for (; bits != 0; bits &= bits - 1, any = true) look(word * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits)));
    }
    const std::uint32_t noop = requests().noop_sequence.load(std::memory_order_acquire);
    if (response().noop_echo.exchange(noop, std::memory_order_acq_rel) != noop) any = true;
    events.starved = response().starved.exchange(0, std::memory_order_acq_rel) != 0;
    if (!any && !events.starved) futex_wait(&response().event_word, before, limit_ns());
    return events;
}

void WorkerEnd::wake_channel_thread() {
    response().event_word.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(&response().event_word, 1);
}

void WorkerEnd::report_death(DeathCause cause) {
    response().death_cause.store(cause, std::memory_order_seq_cst);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(doorbell_.get(), &one, sizeof one);
}

}  // namespace osmia::wire
