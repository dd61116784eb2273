/// \file
/// One client connection speaking HTTP/2: bytes in, streams, bytes out.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "http2/server_session.h"
#include "listener/client_connection.h"
#include "listener/http2_stream.h"
#include "listener/transport.h"

namespace osmia::listener {

class Frontend;

/// Owned by the Frontend. Reactor's thread only.
class Http2Connection final : public ClientConnection, private http2::SessionEvents {
public:
    /// \a received: what has been read from the connection before it was known to speak HTTP/2.
    Http2Connection(Transport transport, Endpoints endpoints, std::uint64_t id, Frontend& frontend, std::string received);
    ~Http2Connection() override;

    void on_io(std::uint32_t events) override;
    void advance() override;
    void drain(bool patiently) override;
    void on_output_may_go_on() override;

    // For its streams.
    Frontend& frontend() { return frontend_; }
    http2::ServerSession& session() { return session_; }
    const Endpoints& endpoints() const { return endpoints_; }
    void schedule();
    /// Calls Http2Stream::unblock() and supply() when the session is not in the middle of something.
    void visit_later(http2::StreamId stream) { to_visit_.push_back(stream); }
    std::uint64_t bound_worker = 0;  ///< 0: none
    std::uint32_t seat = 0;          ///< the site that this connection counts for
    void set_idle_timeout(std::uint32_t milliseconds) { idle_timeout_ms_ = milliseconds; }
    std::uint64_t moved_bytes() const { return moved_bytes_; }

private:
    enum class Wait : std::uint8_t { None, Idle, Head, Linger };

    void on_request(http2::StreamId stream, const http2::RequestHead& head, bool ends, bool too_large) override;
    void on_content(http2::StreamId stream, std::string_view bytes) override;
    void on_request_end(http2::StreamId stream) override;
    void on_stream_closed(http2::StreamId stream, std::uint32_t code) override;
    std::ptrdiff_t read_content(http2::StreamId stream, std::span<char> target, bool& ends) override;

    Http2Stream* find(http2::StreamId stream);
    void receive(std::span<const char> bytes);
    void read_socket();
    void visit_streams();
    void write_socket();
    void discard_input();
    void settle();
    void wait_for(Wait what);
    void on_timer();
    void on_end_patience();
    void finish();
    void close();

    Transport transport_;
    Endpoints endpoints_;
    Frontend& frontend_;
    http2::ServerSession session_;
    std::unordered_map<http2::StreamId, std::unique_ptr<Http2Stream>> streams_;
    std::vector<http2::StreamId> to_visit_;
    std::vector<std::unique_ptr<Http2Stream>> ended_;
    Timer timer_;
    Timer end_timer_;  ///< from the announcement of the end until the client has seen it
    Wait wait_ = Wait::None;
    std::string received_;
    std::string out_;
    std::size_t sent_ = 0;
    std::uint64_t moved_bytes_ = 0;
    std::uint32_t idle_timeout_ms_;
    bool held_back_ = false; ///< for its site's bandwidth
    bool readable_ = false;
    bool writable_ = true;
    bool over_ = false;      ///< the session has ended: what is left is to be sent
    bool lingers_ = false;   ///< our direction is shut
    bool failed_ = false;
    bool closed_ = false;
    bool draining_ = false;
    bool finishing_ = false; ///< the last GOAWAY is on its way
};

}  // namespace osmia::listener
