/// \file
/// The server's side of one HTTP/2 connection (RFC 9113): bytes in, events and bytes out. Knows no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http2/flood_guard.h"
#include "http2/limits.h"
#include "http2/request_head.h"

namespace osmia::http2 {

using StreamId = std::int32_t;

/// Error codes of RFC 9113 section 7 that callers use.
enum class ErrorCode : std::uint32_t {
    NoError = 0, ProtocolError = 1, InternalError = 2, FlowControlError = 3, RefusedStream = 7, Cancel = 8, EnhanceYourCalm = 11,
    Http11Required = 13,
};

/// What a connection says by itself at its beginning; a client that has it in its first bytes speaks HTTP/2.
inline constexpr std::string_view ClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the client did. Called from within receive() or produce(); must call neither. Submitting is fine.
class SessionEvents {
public:
    virtual ~SessionEvents() = default;
    /// A request's head is complete. \a ends: it has no content. \a too_large: fields beyond the limits were left out.
    virtual void on_request(StreamId stream, const RequestHead& head, bool ends, bool too_large) = 0;
    /// Content. What is taken must be given back to consume() for the client to send more.
    virtual void on_content(StreamId stream, std::string_view bytes) = 0;
    /// The request is complete, trailers included (they are validated and left out).
    virtual void on_request_end(StreamId stream) = 0;
    /// The stream is gone; nothing more is said of it. A code of 0 after both sides ended.
    virtual void on_stream_closed(StreamId stream, std::uint32_t code) = 0;
    /// Content for the client, into \a target. \a ends tells that it is the last. Nothing now: 0, and resume() later.
    /// Negative: the stream is reset with InternalError.
    virtual std::ptrdiff_t read_content(StreamId stream, std::span<char> target, bool& ends) = 0;
};

/// What happened on one connection, for counters.
struct SessionCounters {
    std::uint64_t requests = 0;
    std::uint64_t resets = 0;   ///< RST_STREAM received
    std::uint64_t refused = 0;  ///< streams beyond the limit
    Flood flood = Flood::None;  ///< why the connection was ended
};

/// One field of a response; names in any case.
struct ResponseField {
    std::string_view name, value;
};

/// Wraps nghttp2. Not synchronised. Everything received is hostile; malformed requests are reset, broken framing ends the
/// connection with GOAWAY, both by the engine itself.
class ServerSession {
public:
    ServerSession(const Limits& limits, SessionEvents& events);
    ~ServerSession();
    ServerSession(const ServerSession&) = delete;
    ServerSession& operator=(const ServerSession&) = delete;

    /// Takes bytes from the client. False: the connection is to be closed once everything is sent.
    bool receive(std::span<const char> bytes, std::int64_t now_us);
    /// The next frames; empty when there is nothing to send. Valid until the next call.
    std::string_view produce();
    /// True in the middle of a field section, which CONTINUATION frames are to complete.
    bool is_in_head() const;
    /// True when neither side has anything to say any more.
    bool is_over() const;

    /// Sends a final head. Without content the stream's answer is complete; with it read_content() is asked. Field names and
    /// values must have been validated.
    void submit_response(StreamId stream, unsigned status, std::span<const ResponseField> fields, bool has_content);
    void submit_informational(StreamId stream, unsigned status, std::span<const ResponseField> fields);
    /// read_content() has something.
    void resume(StreamId stream);
    void reset(StreamId stream, ErrorCode code);
    /// Content that on_content() delivered has been used.
    void consume(StreamId stream, std::size_t size);
    /// True while the client's own window keeps the stream from sending.
    bool is_window_closed(StreamId stream) const;

    /// Tells the client to open no more streams; those it opens meanwhile are still served until finish_streams().
    void announce_end();
    /// Streams with higher numbers than those seen are not served.
    void finish_streams();
    /// True when the client has acknowledged announce_end() by a PING.
    bool end_was_seen() const;
    /// Ends the connection now.
    void fail(ErrorCode code);

    const SessionCounters& counters() const;

    struct Native;

private:
    std::unique_ptr<Native> native_;
};

}  // namespace osmia::http2
