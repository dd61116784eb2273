/// \file
/// One request and its answer, whatever protocol it came by, from the parsed head to the last byte.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "http/error_reason.h"
#include "http/method.h"
#include "listener/routing_snapshot.h"
#include "wire/request_head.h"
#include "wire/response_record.h"

namespace osmia::listener {

class Transmission;
class WorkerLink;
struct OpenFile;

/// Where an answer goes: a connection of HTTP/1 (or a stream of HTTP/2). Called by the response pump on the reactor's
/// thread. Any call may find the client gone; the sink then swallows what comes. A sink that wants its requests in the
/// access log reports what it sent with a Transmission.
class ResponseSink {
public:
    virtual ~ResponseSink() = default;
    virtual void on_informational(const wire::ResponseHeadView& head) = 0;
    /// False when the head must not go out (invalid fields): the pump answers 502 instead.
    virtual bool on_head(const wire::ResponseHeadView& head) = 0;
    /// Takes up to the bytes of \a pieces and says how many. Fewer than given: blocked; resume_pump() follows.
    virtual std::size_t on_body(const iovec* pieces, int count) = 0;
    /// Copies body bytes into its own queue, to be called when on_body() was blocked.
    virtual void hold_body(const iovec* pieces, int count) = 0;
    virtual void on_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) = 0;
    virtual bool is_blocked() const = 0;
    /// The client's socket has taken all that the sink was given.
    virtual bool has_sent_all() const = 0;
    /// Bytes it holds in memory for the client.
    virtual std::size_t held_bytes() const = 0;
    /// The response is complete, or (\a abort) cannot be completed.
    virtual void on_end(bool abort) = 0;
    /// Push out what waits to be combined with more.
    virtual void on_flush() = 0;
    /// The answer that the listener itself makes instead of the worker's.
    virtual void on_failure(unsigned status, http::ErrorReason reason) = 0;
    /// Bodies: the worker wants more of the request, or consumed some.
    virtual void on_body_wanted() = 0;
    /// Close the connection after this response (or, \a at_once, now).
    virtual void on_disconnect(bool at_once) = 0;
    virtual void on_bind(WorkerLink* link) = 0;
    /// The exchange is over: nothing will be called any more.
    virtual void on_finished() = 0;
};

enum class ExchangeState : std::uint8_t { Idle, Queued, Running, Finished };

/// Lives until the worker has finished (or died) and, where there is a transmission, the last byte for the client is out.
struct Exchange {
    std::uint64_t number = 0;
    std::array<char, 32> id{};
    ResponseSink* sink = nullptr;  ///< null once the client has gone
    std::shared_ptr<const RoutingSnapshot> snapshot;
    const Site* site = nullptr;
    const Application* application = nullptr;
    http::Method method = http::Method::Other;
    std::vector<std::byte> head;     ///< encoded, as it is copied into slots
    std::string held_body;           ///< the body's first bytes, kept for a repeat
    std::uint64_t body_delivered = 0;///< bytes given to the worker of this attempt
    bool body_complete = false;      ///< all of the body has been received
    std::uint64_t body_received = 0; ///< bytes of the body received from the client so far
    std::int64_t first_byte_us = 0;  ///< the request's first byte came
    std::int64_t arrived_us = 0;     ///< its head was complete
    std::int64_t queued_us = 0;
    std::int64_t dispatched_us = 0;
    std::int64_t answered_us = 0;    ///< the answer's head came from the worker (or from the listener in its stead)
    std::int64_t last_byte_us = 0;   ///< the answer's last byte was out
    std::uint32_t tries = 0;         ///< counted ones
    bool keeps_place = false;        ///< was queued before: goes back to the front
    ExchangeState state = ExchangeState::Idle;

    // While Running.
    WorkerLink* link = nullptr;
    std::uint32_t slot = 0;

    // The pump's.
    bool head_seen = false;
    bool ended = false;              ///< End or a failure was delivered to the sink

    // The access log's.
    Transmission* transmission = nullptr;
    bool reached_worker = false;     ///< by any attempt: else the HTTPERR log alone has it
    bool worker_over = false;        ///< Done came, or the worker died
    bool client_over = false;        ///< the last byte is out, or never will be
    std::uint16_t status = 0;        ///< of the answer that went out
    std::uint32_t client_status = 0; ///< a Win32 error: how the client's half ended
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    wire::DoneFields done;
    std::vector<std::string> logged_fields;  ///< response fields that custom columns ask for, in their order

    /// True when all of the body is here and can be given to another worker.
    bool body_is_held() const { return body_complete && held_body.size() == body_received; }

    wire::RequestView view() const { return *wire::RequestView::decode(head); }
    wire::RequestHead& fixed() { return *reinterpret_cast<wire::RequestHead*>(head.data()); }
};

}  // namespace osmia::listener
