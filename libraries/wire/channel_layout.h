/// \file
/// The two shared-memory regions of one listener-worker channel, byte for byte. docs/wire/channel.md explains them.
///
/// Request region: written by the listener alone (sealed against any other writable mapping), read by one worker. It
/// survives the worker's crash intact. Response region: written by both, thrown away at the worker's death; to the
/// listener everything in it is hostile: each field is loaded once into a local and bounded before use, and only the
/// listener's private tables say what is true.
///
/// Byte streams. A slot's response window and body window are rings of bytes addressed by ever-growing 64-bit
/// positions; position modulo window size is the offset. The response stream is a sequence of records
/// (response_record.h); the body stream is the request body with its framing removed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace osmia::wire {

inline constexpr std::uint32_t ChannelMagic = 0x414d534f;  // "OSMA"

/// Requests that can be with one worker at once, pulled or not. The rest waits in the pool's queue.
inline constexpr std::uint32_t ChannelSlots = 1024;
/// A request's head (strings, header table) as the worker sees it. A larger one is refused before dispatch.
inline constexpr std::uint32_t RequestHeadBytes = 64 * 1024;
/// Request body bytes on their way to the worker, per request.
inline constexpr std::uint32_t BodyWindowBytes = 256 * 1024;
/// Response records on their way to the listener, per request.
inline constexpr std::uint32_t ResponseWindowBytes = 256 * 1024;
/// Threads of one worker that may sleep on the ring at once; further threads end when there is nothing to do.
inline constexpr std::uint32_t MaxParkedThreads = 64;

static_assert((BodyWindowBytes & (BodyWindowBytes - 1)) == 0 && (ResponseWindowBytes & (ResponseWindowBytes - 1)) == 0);
static_assert((ChannelSlots & (ChannelSlots - 1)) == 0);
inline constexpr std::uint32_t BitmapWords = ChannelSlots / 64;

enum class BodyState : std::uint32_t { More, Complete, Aborted };

/// Bits of RequestSlot::flags.
inline constexpr std::uint32_t SlotClientGone = 1;  ///< nobody reads the answer any more

struct alignas(64) RequestSlot {
    std::atomic<std::uint32_t> generation;  ///< of this use of the slot; every response record carries it
    std::uint32_t head_size;
    std::atomic<std::uint64_t> body_written;       ///< position up to which the body window is filled
    std::atomic<BodyState> body_state;
    std::atomic<std::uint32_t> flags;
    std::atomic<std::uint64_t> response_consumed;  ///< position up to which the response window may be overwritten
    std::atomic<std::uint64_t> sent;               ///< position up to which the client's socket has taken the response
    alignas(64) std::byte head[RequestHeadBytes - 64];
    std::byte body[BodyWindowBytes];
};
static_assert(sizeof(RequestSlot) == RequestHeadBytes + BodyWindowBytes);

struct RequestRegion {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t slots;
    alignas(64) std::atomic<std::uint32_t> ring_tail;      ///< entries published so far, modulo 2^32
    alignas(64) std::atomic<std::uint32_t> noop_sequence;  ///< the channel thread copies it to ResponseRegion::noop_echo
    alignas(64) std::uint32_t ring[ChannelSlots];          ///< slot numbers
    alignas(4096) RequestSlot slot[ChannelSlots];
};

/// What a dying worker says of its own death. A hint: a lie harms only requests of the worker's own pool.
enum class DeathCause : std::uint32_t { Outside, Signal, Exit };

struct alignas(64) ResponseSlot {
    std::atomic<std::uint64_t> written;        ///< position up to which records are complete
    std::atomic<std::uint64_t> body_consumed;  ///< position up to which the body window may be overwritten
    std::atomic<std::uint64_t> body_wanted;    ///< body bytes, in all, that the worker is ready to read
    std::atomic<std::uint32_t> begun;          ///< 1 once the request is being executed
    std::atomic<std::uint32_t> waits_for_space;
    std::atomic<std::uint32_t> waits_for_body;
    std::atomic<std::uint32_t> waits_for_sent;
    alignas(64) std::byte window[ResponseWindowBytes];
};

struct ResponseRegion {
    std::uint32_t magic;
    std::uint32_t version;
    alignas(64) std::atomic<std::uint32_t> ring_head;  ///< entries taken so far, modulo 2^32
    alignas(64) std::atomic<std::uint64_t> parked;     ///< bit i: thread i sleeps on thread_word[i]
    std::atomic<std::uint32_t> threads;                ///< threads that take from the ring, parked or not
    std::atomic<std::uint32_t> starved;                ///< the ring has stood still and no thread is parked
    alignas(64) std::atomic<std::uint32_t> listener_sleeps;
    alignas(64) std::atomic<std::uint64_t> completion[BitmapWords];  ///< worker → listener: look at this slot
    alignas(64) std::atomic<std::uint64_t> event[BitmapWords];       ///< listener → worker: look at this slot
    alignas(64) std::atomic<std::uint32_t> event_word;               ///< futex of the worker's channel thread
    std::atomic<std::uint32_t> noop_echo;
    std::atomic<DeathCause> death_cause;
    alignas(64) std::atomic<std::uint32_t> thread_word[MaxParkedThreads];
    alignas(4096) ResponseSlot slot[ChannelSlots];
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace osmia::wire
