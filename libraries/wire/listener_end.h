/// \file
/// The listener's end of one worker's shared-memory channel.
///
/// Trust: everything in the response region is hostile. This class loads each shared field once, bounds it against its
/// own private bookkeeping, and reports Broken for what no honest worker writes; payloads are copied before they are
/// judged. Nothing a worker writes can make it read outside the region, loop for ever or block.
#pragma once

#include <sys/uio.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "wire/channel_layout.h"
#include "wire/request_head.h"
#include "wire/response_record.h"
#include "wire/shared_region.h"

namespace osmia::wire {

/// Owns both regions of one channel. One thread (the reactor that owns the worker). Not movable.
class ListenerEnd {
public:
    static Result<std::unique_ptr<ListenerEnd>> create();

    /// The descriptors for ChannelHello, in order; they stay this object's.
    std::array<int, 3> descriptors() const { return {requests_.fd().get(), responses_.fd().get(), doorbell_.get()}; }
    const UniqueFd& doorbell() const { return doorbell_; }

    // Requests -------------------------------------------------------------------------------------------------

    /// Takes the lowest free slot and copies an encoded head into it. Nothing when no slot is free or the head is too
    /// large (has_free_slot() tells which).
    std::optional<std::uint32_t> place_request(std::span<const std::byte> head);
    bool has_free_slot() const { return used_ < ChannelSlots; }
    std::uint32_t used_slots() const { return used_; }

    /// Appends body bytes; returns how many fitted into the window.
    std::size_t append_body(std::uint32_t slot, std::span<const char> bytes);
    std::size_t body_space(std::uint32_t slot);
    void end_body(std::uint32_t slot, BodyState state);
    /// Body bytes, in all, that the worker is ready to read (a hint: bounded by what it consumed plus the window).
    std::uint64_t body_wanted(std::uint32_t slot) const;

    /// Queues the slot for the worker's ring; visible after flush().
    void publish(std::uint32_t slot);
    /// Makes published slots visible and wakes a thread if fewer than \a max_awake are awake.
    void flush(std::uint32_t max_awake);
    /// Entries that the worker has not taken yet (a hint).
    std::uint32_t untaken() const;
    /// Wakes one more thread; when none is parked, tells the worker's channel thread that the ring starves.
    void wake_one_more();
    /// Tells the worker's channel thread to look at the slot.
    void signal(std::uint32_t slot);
    void mark_client_gone(std::uint32_t slot);
    /// Tells the worker that the client's socket has taken everything consumed so far.
    void report_sent(std::uint32_t slot);
    /// Asks the channel thread for an echo; noop_answered() tells whether the last one came back.
    void send_noop();
    bool noop_answered() const;

    std::uint32_t generation(std::uint32_t slot) const { return slots_[slot].generation; }

    /// True when the worker had taken the slot from the ring (a hint).
    bool was_taken(std::uint32_t slot) const;
    /// Whether the worker could see the request at all: what the listener itself knows, whatever the worker wrote.
    bool was_visible(std::uint32_t slot) const;
    /// False when the worker's side cannot be what an honest one writes. Then nothing it says about taking and beginning
    /// counts: a scribbler that makes a request look untaken would have it repeated without end.
    bool is_plausible() const;
    /// True when the worker says it was executing the slot (a hint).
    bool was_begun(std::uint32_t slot) const;
    DeathCause death_cause() const;

    // Responses ------------------------------------------------------------------------------------------------

    /// Calls \a visit(slot) for each slot in use that the worker has marked since the last call.
    template <class Visit>
    void collect(Visit&& visit) {
        for (std::uint32_t word = 0; word < BitmapWords; ++word) {
            if (response().completion[word].load(std::memory_order_relaxed) == 0) continue;
            std::uint64_t bits = response().completion[word].exchange(0, std::memory_order_acquire);
            while (bits != 0) {
                const auto slot = word * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits));
                bits &= bits - 1;
                if (slots_[slot].in_use) visit(slot);
            }
        }
    }

    enum class Outcome { Nothing, Record, Broken };
    struct Record {
        RecordKind kind;
        std::uint16_t flags;
        std::uint32_t length;  ///< payload bytes not yet consumed
    };
    /// The record at the reading position; stays current until its payload is consumed.
    Outcome next_record(std::uint32_t slot, Record& record);
    /// Copies the current record's whole payload (at most MaxRecordPayload) and consumes it.
    std::span<const std::byte> take_payload(std::uint32_t slot);
    /// Up to \a limit bytes of the current Body record, straight from shared memory: 0 to 2 pieces.
    int payload_pieces(std::uint32_t slot, std::size_t limit, iovec pieces[2]) const;
    /// True when the rest of the response, its Done record included, is already in the window (a hint).
    bool is_finished(std::uint32_t slot);
    /// Consumes part of the current record's payload.
    void consume(std::uint32_t slot, std::size_t bytes);
    /// Lets the worker overwrite what was consumed, and wakes it if it waits for space.
    void release_consumed(std::uint32_t slot);

    /// Frees the slot. Only after Done, or when the worker is dead.
    void release_slot(std::uint32_t slot);

    /// Says that the listener is about to sleep. False when there is something to collect: do not sleep then.
    bool prepare_sleep();
    void woke_up();

private:
    struct SlotState {
        bool in_use = false;
        std::uint32_t generation = 0;
        std::uint32_t ring_index = 0;
        std::uint64_t body_written = 0;
        std::uint64_t position = 0;    ///< next byte of the response stream to read
        std::uint64_t written = 0;     ///< last accepted value of ResponseSlot::written
        std::uint64_t sent = 0;        ///< last value told to the worker
        std::uint32_t payload_left = 0;
        std::uint32_t pad = 0;
        bool has_record = false;
        Record record{};
    };

    ListenerEnd() = default;
    RequestRegion& request() const { return *requests_.as<RequestRegion>(); }
    ResponseRegion& response() const { return *responses_.as<ResponseRegion>(); }
    bool refresh(std::uint32_t slot);
    void copy_out(std::uint32_t slot, std::uint64_t position, void* target, std::size_t size) const;
    void wake_channel_thread();
    std::uint32_t take_free_slot();

    SharedRegion requests_;
    SharedRegion responses_;
    UniqueFd doorbell_;
    std::uint32_t tail_ = 0;
    std::uint32_t visible_tail_ = 0;
    std::uint32_t noop_ = 0;
    std::uint32_t used_ = 0;
    std::array<std::uint64_t, BitmapWords> free_;
    std::vector<SlotState> slots_;
    std::vector<std::byte> payload_;
};

}  // namespace osmia::wire
