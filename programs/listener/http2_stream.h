/// \file
/// One request and its answer on an HTTP/2 connection.
#pragma once

#include <optional>
#include <string>

#include "http2/request_rules.h"
#include "http2/server_session.h"
#include "listener/exchange.h"
#include "listener/http2_content.h"
#include "listener/reactor.h"
#include "listener/request_intake.h"
#include "listener/transmission.h"

namespace osmia::listener {

class Http2Connection;

/// Content that one stream takes from its worker ahead of what the client's window lets go; beyond it the worker waits.
inline constexpr std::size_t MaxStreamOutput = 64 * 1024;

/// Between a stream of the session and an exchange. Owned by its connection. Reactor's thread only.
class Http2Stream final : public ResponseSink {
public:
    Http2Stream(Http2Connection& connection, http2::StreamId id) : connection_(connection), id_(id) {}
    ~Http2Stream() override;

    // The client's half.
    void begin(const http2::RequestHead& head, bool ends, bool too_large);
    void take_content(std::string_view bytes);
    void end_request();
    /// The session has no more to say of it; \a whole: both sides ended it.
    void on_closed(bool whole);
    /// Hands content to the worker as far as it wants.
    void supply();

    // The answer's way out.
    std::ptrdiff_t read_content(std::span<char> target, bool& ends);
    void on_file_read();
    /// What the worker wrote has gone out, or enough of it for more.
    void unblock();

    void on_informational(const wire::ResponseHeadView& head) override;
    bool on_head(const wire::ResponseHeadView& head) override;
    std::size_t on_body(const iovec* pieces, int count) override;
    void hold_body(const iovec* pieces, int count) override;
    void on_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) override;
    bool is_blocked() const override { return blocked_; }
    bool has_sent_all() const override { return !abandoned_ && content_.empty(); }
    std::size_t held_bytes() const override { return content_.held_bytes(); }
    void on_end(bool abort) override;
    void on_flush() override;
    void on_failure(unsigned status, http::ErrorReason reason) override;
    void on_body_wanted() override;
    void on_disconnect(bool at_once) override;
    void on_bind(WorkerLink* link) override;
    void on_finished() override { exchange_ = nullptr; }

private:
    void refuse(unsigned status, http::ErrorReason reason, const http2::RequestHead* head = nullptr);
    void answer_error(unsigned status, http::ErrorReason reason);
    void answer_redirect(const std::string& location);
    void begin_answer(unsigned status, std::span<const http2::ResponseField> fields, bool has_content);
    void submit();
    void detach_exchange();
    void abandon(http2::ErrorCode code, http::ErrorReason reason);
    void log_error(unsigned status, http::ErrorReason reason, const http2::RequestHead* head = nullptr);
    IncomingRequest describe(const http2::RequestHead& head, const http2::RequestFacts& facts, bool ends) const;
    std::uint64_t allowed(std::uint64_t size);
    void watch_client();
    void on_slow_client();
    bool waits_for_client() const;

    Http2Connection& connection_;
    http2::StreamId id_;
    Timer timer_;
    Exchange* exchange_ = nullptr;
    Transmission transmission_;
    RequestId request_id_{};
    http::Method method_ = http::Method::Other;
    std::uint32_t site_id_ = 0;

    std::string pending_;           ///< content received, not yet delivered
    Http2Content content_;
    std::optional<std::uint64_t> length_left_;  ///< of the answer, if it was told
    std::uint64_t moved_bytes_ = 0;     ///< while the client is being waited for
    std::uint64_t connection_moved_ = 0;  ///< by the whole connection when that wait began
    unsigned informational_ = 0;    ///< 1xx responses, but for 100
    bool submitted_ = false;
    bool request_ended_ = false;
    bool expects_continue_ = false;
    bool continue_sent_ = false;
    bool wants_body_ = false;           ///< the worker waits for content
    bool head_sent_ = false;
    bool has_content_ = false;          ///< the answer has some; else what the worker writes is swallowed
    bool response_over_ = false;
    bool blocked_ = false;
    bool reads_file_ = false;           ///< a disk is being waited for, not the client
    bool abandoned_ = false;
};

}  // namespace osmia::listener
