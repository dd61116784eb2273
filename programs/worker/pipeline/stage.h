/// \file
/// The steps of a request's way through the modules: IIS 7's events in their order, each followed by its
/// post-event.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace osmia::worker {

enum class Event : std::uint8_t {
    BeginRequest,
    AuthenticateRequest,
    AuthorizeRequest,
    ResolveRequestCache,
    MapRequestHandler,
    AcquireRequestState,
    PreExecuteRequestHandler,
    ExecuteRequestHandler,
    ReleaseRequestState,
    UpdateRequestCache,
    LogRequest,
    EndRequest,
};
inline constexpr std::size_t EventCount = 12;

/// Events that have no place in the order.
enum class LooseEvent : std::uint8_t { Custom, SendResponse, ReadEntity, MapPath };
inline constexpr std::size_t LooseEventCount = 4;

/// The bit of an event in a module's masks (RQ_* of httpserv.h).
constexpr std::uint32_t event_bit(Event event) {
    return 1u << static_cast<unsigned>(event);
}
constexpr std::uint32_t event_bit(LooseEvent event) {
    return 0x10000000u << static_cast<unsigned>(event);
}

/// One place in the order.
struct Stage {
    Event event = Event::BeginRequest;
    bool post = false;

    bool operator==(const Stage&) const = default;
    constexpr std::size_t index() const { return static_cast<std::size_t>(event) * 2 + (post ? 1 : 0); }
    static constexpr Stage at(std::size_t index) { return {static_cast<Event>(index / 2), index % 2 != 0}; }
};
inline constexpr std::size_t StageCount = EventCount * 2;

/// A module's answer.
enum class Step : std::uint8_t { Continue, Pending, Finish };

/// The outcome of an asynchronous operation that a module started.
struct Completion {
    std::uint32_t bytes = 0;
    std::int32_t result = 0;  ///< an HRESULT
};

}  // namespace osmia::worker
