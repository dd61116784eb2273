/// \file
/// The worker's end of the shared-memory channel. Knows neither the worker's threads nor its allocator: other hosts of a
/// worker core use it as it is.
///
/// Trust: the request region's structure is valid, its contents are an attacker's choice.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "wire/channel_layout.h"
#include "wire/request_head.h"
#include "wire/response_record.h"
#include "wire/shared_region.h"

namespace osmia::wire {

/// One attached channel. Which threads may call what is said at each group.
class WorkerEnd {
public:
    /// Takes the descriptors of ChannelHello: request region, response region, doorbell.
    static Result<std::unique_ptr<WorkerEnd>> attach(UniqueFd requests, UniqueFd responses, UniqueFd doorbell);

    // Taking requests: any thread, lock-free -----------------------------------------------------------------

    /// The next request's slot, if there is one.
    std::optional<std::uint32_t> take();
    bool has_work() const;
    /// How many threads take from the ring (the listener wakes no more than it must).
    void set_thread_count(std::uint32_t count) { response().threads.store(count, std::memory_order_relaxed); }
    /// Sleeps as parked thread \a index (each index below MaxParkedThreads belongs to one thread) until the listener or
    /// wake_one() wakes it, or \a limit_ns passed. \a must_stay_awake is asked once more after the thread has become
    /// visible as parked. True when it was woken, false after the limit.
    bool park(std::uint32_t index, long long limit_ns, const std::function<bool()>& must_stay_awake);
    /// Wakes the lowest parked thread, for work inside the worker. False when none is parked.
    bool wake_one();

    // One request: the threads that execute it, one at a time ---------------------------------------------------

    /// The request in the slot; nothing if it is malformed (never from an honest listener).
    std::optional<RequestView> request(std::uint32_t slot) const;
    /// From here on a death of this process counts as an attempt at this request.
    void mark_begun(std::uint32_t slot);
    bool client_is_gone(std::uint32_t slot) const;

    /// Body bytes that can be read now.
    std::size_t body_available(std::uint32_t slot) const;
    /// More: wait for the channel thread's notice; Complete with none available: the end.
    BodyState body_state(std::uint32_t slot) const;
    /// Copies up to target.size() bytes and frees their space.
    std::size_t read_body(std::uint32_t slot, std::span<std::byte> target);
    /// Lets the listener read the client's body up to \a total bytes in all (this is what sends 100-continue).
    void want_body(std::uint32_t slot, std::uint64_t total);
    /// Announces that a thread waits for body bytes or space; look again after announcing and before sleeping.
    void set_waits_for_body(std::uint32_t slot, bool waits);
    void set_waits_for_space(std::uint32_t slot, bool waits);
    void set_waits_for_sent(std::uint32_t slot, bool waits);

    /// Bytes of payload that one record may have now; 0 also when not even a record without payload fits.
    std::size_t response_space(std::uint32_t slot) const;
    /// Whether a record with a payload of \a size fits now. One without payload needs room too.
    bool fits(std::uint32_t slot, std::size_t size) const;
    /// Appends a record; it must fit (fits()). Not visible before publish().
    void write(std::uint32_t slot, RecordKind kind, std::uint16_t flags, std::span<const std::byte> payload);
    /// Makes the records visible and rings the doorbell if the listener sleeps. After a Done record has been published,
    /// the slot must not be touched again.
    void publish(std::uint32_t slot);

    /// This use of the slot, and how far its response stream has been written.
    struct WriteMark {
        std::uint32_t slot;
        std::uint32_t generation;
        std::uint64_t position;
    };
    WriteMark mark(std::uint32_t slot) const { return {slot, slots_[slot].generation, slots_[slot].written}; }
    /// Whether the listener has consumed all that was written before the mark. Any thread, also after Done.
    bool is_consumed(const WriteMark& mark) const;
    /// Whether the client's socket has taken all that was written before the mark. Any thread, until Done.
    bool is_sent(const WriteMark& mark) const;

    // The channel thread: one thread ------------------------------------------------------------------------

    struct Events {
        bool starved = false;  ///< requests wait and every thread is busy: make another thread
    };
    /// Sleeps until the listener has something to say or \a limit_ns passed, answers no-ops, and calls \a look(slot)
    /// for each slot whose body, space or client has changed.
    Events wait_events(long long limit_ns, const std::function<void(std::uint32_t)>& look);
    /// The same with a limit that is asked for when a wake_channel_thread() can no longer be missed.
    Events wait_events(const std::function<long long()>& limit_ns, const std::function<void(std::uint32_t)>& look);
    /// Ends a wait_events() from another thread.
    void wake_channel_thread();

    /// Says why the process dies. Async-signal-safe; any thread.
    void report_death(DeathCause cause);

    const UniqueFd& doorbell() const { return doorbell_; }

private:
    struct SlotState {
        std::uint64_t written = 0;
        std::uint64_t published = 0;
        std::uint64_t body_consumed = 0;
        std::uint32_t generation = 0;
    };

    WorkerEnd() = default;
    std::uint64_t response_window_left(std::uint32_t slot) const;
    const RequestRegion& requests() const { return *requests_.as<const RequestRegion>(); }
    ResponseRegion& response() const { return *responses_.as<ResponseRegion>(); }
    void copy_in(std::uint32_t slot, std::uint64_t position, const void* bytes, std::size_t size);
    void ring_doorbell();

    SharedRegion requests_;
    SharedRegion responses_;
    UniqueFd doorbell_;
    std::array<SlotState, ChannelSlots> slots_{};
    /// A slot passes from the thread that answered in it to the one that takes it next through the listener, which orders
    /// the two; this says so within the process, where tools such as ThreadSanitizer look.
    std::array<std::atomic<bool>, ChannelSlots> handed_over_{};
};

}  // namespace osmia::wire
