/// \file
/// One client connection speaking HTTP/1: bytes in, exchanges, bytes out.
#pragma once

#include <memory>
#include <string>

#include "http1/body_decoder.h"
#include "http1/request_parser.h"
#include "http1/response_encoder.h"
#include "http1/response_framing.h"
#include "listener/client_connection.h"
#include "listener/dispatcher.h"
#include "listener/exchange.h"
#include "listener/output_queue.h"
#include "listener/request_intake.h"
#include "listener/transmission.h"
#include "listener/transport.h"

namespace osmia::listener {

class Frontend;

/// One request at a time: the next is read when the answer to the one before is out, so pipelined answers keep their
/// order. Owned by the Frontend. Reactor's thread only.
class Connection final : public ClientConnection, public ResponseSink {
public:
    Connection(Transport transport, Endpoints endpoints, std::uint64_t id, Frontend& frontend);
    ~Connection() override;

    void on_io(std::uint32_t events) override;
    void advance() override;
    void drain(bool patiently) override;
    void on_output_may_go_on() override;
    void on_binding_lost() override;

    void on_informational(const wire::ResponseHeadView& head) override;
    bool on_head(const wire::ResponseHeadView& head) override;
    std::size_t on_body(const iovec* pieces, int count) override;
    void hold_body(const iovec* pieces, int count) override;
    void on_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) override;
    bool is_blocked() const override { return blocked_; }
    bool has_sent_all() const override { return !failed_ && out_.empty(); }
    std::size_t held_bytes() const override { return out_.held_bytes(); }
    void on_end(bool abort) override;
    void on_flush() override;
    void on_failure(unsigned status, http::ErrorReason reason) override;
    void on_body_wanted() override;
    void on_disconnect(bool at_once) override;
    void on_bind(WorkerLink* link) override;
    void on_finished() override { exchange_ = nullptr; }

private:
    /// What the connection is doing.
    enum class Phase : std::uint8_t {
        Head,      ///< between requests, or in the middle of a head
        ReadAhead, ///< collecting the first bytes of a body before the request is queued
        Answer,    ///< a request is queued or running
        Drain,     ///< the answer is out, the rest of the request's body is being thrown away
        Linger,    ///< closing: our side is shut, the client's last bytes are thrown away
        Closed,
    };

    enum class Wait : std::uint8_t {
        None,
        Handshake,
        Idle,
        Unsent,  ///< idle, but the kernel may still have bytes of the last answer
        Head,
        Client,
        Linger,
    };

    // connection_input.cpp
    bool read_more(std::size_t limit);
    void finish_handshake();
    bool may_speak_http2();
    void continue_as_http2();
    bool take_head();
    void begin_request(const http1::RequestHead& head);
    IncomingRequest describe(const http1::RequestHead& head) const;
    bool collect_read_ahead();
    bool decode_body(std::string& target, std::size_t limit);
    void submit();
    void supply_body();
    bool drain_body();
    void linger();
    std::string_view input() const { return std::string_view(in_).substr(in_used_); }
    void consume_input(std::size_t size);
    bool is_last_answer() const;
    bool is_local_client() const;
    bool body_is_complete() const { return decoder_ == nullptr || decoder_->at_end(); }

    // connection_output.cpp
    bool append_head(const http1::ResponseHead& response, const http1::FramingDecision& framing);
    std::uint64_t begin_piece(std::uint64_t size);
    void end_piece(std::uint64_t sent);
    void limit_output();
    void flush_output();
    void note_send_state(SendState state);
    void refuse(unsigned status, http::ErrorReason reason, const http1::RequestHead* head = nullptr);
    void answer_error(unsigned status, http::ErrorReason reason);
    void answer_redirect(const std::string& location);
    void detach_exchange();
    void log_error(unsigned status, http::ErrorReason reason, const http1::RequestHead* head = nullptr);

    // connection.cpp
    bool complete_response();
    void next_request();
    void start_linger();
    void close();
    bool bound_worker_leaves() const;
    void end_binding();
    void wait_for(Wait what);
    void on_timer();
    void on_slow_client();
    void on_idle_or_unsent();

    Transport transport_;
    Frontend& frontend_;
    Endpoints endpoints_;
    Timer timer_;

    // Input.
    std::string in_;
    std::size_t in_used_ = 0;
    std::unique_ptr<http1::RequestParser> parser_;   ///< of a head that did not arrive whole
    std::unique_ptr<http1::BodyDecoder> decoder_;    ///< of the current request's body, if it has one
    std::string pending_body_;                       ///< decoded, not yet delivered
    std::uint64_t drained_ = 0;
    std::uint64_t moved_bytes_ = 0;                  ///< while the client is being waited for
    std::uint64_t unsent_at_wait_ = 0;               ///< in the kernel when that wait began

    // The request.
    Exchange* exchange_ = nullptr;
    Transmission transmission_;
    std::int64_t head_began_us_ = 0;                 ///< when the first byte of the head being read was there
    std::uint64_t bound_worker_ = 0;                 ///< 0: none
    bool binding_lost_ = false;                      ///< that worker is gone
    http1::Version version_ = http1::Version::Http11;
    http::Method method_ = http::Method::Other;
    RequestId request_id_{};
    std::uint32_t site_id_ = 0;                      ///< of the current request
    std::uint32_t seat_ = 0;                         ///< the site that this connection counts for
    std::uint32_t idle_timeout_ms_;

    // Output.
    OutputQueue out_;
    http1::FramingDecision framing_;
    std::uint64_t length_left_ = 0;
    std::uint64_t chunk_left_ = 0;
    unsigned informational_ = 0;     ///< 1xx responses of the current request

    Phase phase_ = Phase::Head;
    Wait wait_ = Wait::None;
    bool readable_ = false;
    bool writable_ = false;
    bool blocked_ = false;
    bool is_held_back_ = false;      ///< blocked by a disk or for its site's bandwidth, not by the client
    bool failed_ = false;            ///< the socket is dead or must be cut
    bool reset_ = false;             ///< cut it by RST
    bool fin_behind_ = false;        ///< the client's FIN has arrived, perhaps behind bytes not read yet
    bool half_closed_ = false;       ///< it has been read
    bool keep_alive_ = true;
    bool expects_continue_ = false;
    bool continue_sent_ = false;
    bool head_sent_ = false;         ///< a final head was begun: no error page any more
    bool response_over_ = false;
    std::string crash_report_;  ///< for the page that is about to be made
    bool draining_ = false;
    bool drains_patiently_ = false;
};

}  // namespace osmia::listener
