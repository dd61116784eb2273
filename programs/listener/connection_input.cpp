// Connection, first part: from the client's bytes to a queued request and its body.
#include <algorithm>

#include "http2/server_session.h"
#include "listener/connection.h"
#include "listener/frontend.h"
#include "listener/tls_layer.h"

namespace osmia::listener {

namespace {

/// A head is read in steps of this size: a whole one nearly always fits.
constexpr std::size_t HeadStep = 16 * 1024;
constexpr std::size_t BodyStep = 64 * 1024;

}  // namespace

void Connection::consume_input(std::size_t size) {
    in_used_ += size;
    transmission_.add_received(size);
    if (in_used_ == in_.size()) {
        in_.clear();
        in_used_ = 0;
    }
}

bool Connection::read_more(std::size_t limit) {
    if (!readable_) return false;
    auto& scratch = frontend_.reactor().scratch();
    const std::size_t size = std::min(limit, scratch.size());
    const IoResult got = transport_.read(std::span(scratch).first(size));
    if (wait_ == Wait::Handshake && transport_.tls()->is_established()) finish_handshake();
    if (got.state != IoState::Ok) {
        failed_ = failed_ || got.state == IoState::Failed;
        half_closed_ = half_closed_ || got.state == IoState::End;
        readable_ = false;
        return false;
    }
    if (in_used_ > 0) {
        in_.erase(0, in_used_);
        in_used_ = 0;
    }
    in_.append(scratch.data(), got.size);
    moved_bytes_ += got.size;
    // A read that did not fill the buffer took all there was, and the next byte is a new edge; but a FIN gives none.
    if (got.size < size && !fin_behind_ && transport_.short_read_is_last()) readable_ = false;
    return true;
}

void Connection::finish_handshake() {
    endpoints_.tls = std::make_shared<const tls::SessionFacts>(transport_.tls()->facts());
    wait_for(Wait::Idle);
}

/// RFC 9113 section 3.3: a client with prior knowledge begins with the preface, which no HTTP/1 request does.
bool Connection::may_speak_http2() {
    const bool is_first = request_id_[0] == 0 && transport_.tls() == nullptr;
    return is_first && input().substr(0, http2::ClientPreface.size()) == http2::ClientPreface.substr(0, input().size());
}

void Connection::continue_as_http2() {
    phase_ = Phase::Closed;
    timer_.disarm();
    frontend_.continue_as_http2(*this, std::move(transport_), std::move(endpoints_), std::string(input()));
}

bool Connection::take_head() {
    const bool has_input = !input().empty() || read_more(HeadStep);
    if (endpoints_.tls != nullptr && endpoints_.tls->http2) return continue_as_http2(), false;
    if (!has_input) {
        if (half_closed_) close();
        return false;
    }
    if (may_speak_http2()) {
        if (input().size() >= http2::ClientPreface.size()) return continue_as_http2(), false;
        if (read_more(HeadStep)) return true;
        if (half_closed_) close();
        else wait_for(Wait::Head);
        return false;
    }
    http1::RequestParser& parser = parser_ != nullptr ? *parser_ : frontend_.parser();
    if (parser_ == nullptr) {
        parser.reset();
        head_began_us_ = frontend_.reactor().now_us();
    }
    switch (parser.parse(input())) {
        case http1::ParseState::Complete: {
            if (binding_lost_) return close(), false;
            const std::size_t size = parser.request().size();
            auto keep = std::move(parser_);
            begin_request(parser.request());
            consume_input(size);
            return true;
        }
        case http1::ParseState::Failed: {
            const auto error = parser.error();
            const auto keep = std::move(parser_);
            refuse(error.status, error.reason, &parser.request());
            return true;
        }
        case http1::ParseState::NeedMore: break;
    }
    if (parser_ == nullptr) {
        parser_ = std::make_unique<http1::RequestParser>(frontend_.head_limits());
        (void)parser_->parse(input());
    }
    if (read_more(HeadStep)) return true;
    if (half_closed_) close();
    else wait_for(Wait::Head);
    return false;
}

void Connection::begin_request(const http1::RequestHead& head) {
    wait_for(Wait::None);
    frontend_.count_request();
    transmission_.begin(head_began_us_);
    phase_ = Phase::Answer;
    method_ = head.method();
    version_ = head.version();
    keep_alive_ = head.keep_alive() && (!draining_ || drains_patiently_);
    expects_continue_ = head.expects_continue();
    head_sent_ = response_over_ = continue_sent_ = false;
    site_id_ = 0;
    request_id_ = choose_request_id(head.find_value(http::HeaderId::Traceparent));
    if (head.has_body()) decoder_ = std::make_unique<http1::BodyDecoder>(head);
    const Intake intake = take_in(frontend_, endpoints_, id(), request_id_, describe(head));
    site_id_ = intake.site_id;
    if (!intake.redirect.empty()) return answer_redirect(intake.redirect);
    if (intake.exchange == nullptr) return refuse(intake.refusal.status, intake.refusal.reason, &head);
    exchange_ = intake.exchange;
    exchange_->sink = this;
    transmission_.attach(*exchange_);
    idle_timeout_ms_ = exchange_->site->settings.idle_timeout_ms;
    if (!frontend_.traffic().take_seat(seat_, *exchange_->site)) return refuse(503, http::ErrorReason::ConnLimit);
    phase_ = Phase::ReadAhead;
}

IncomingRequest Connection::describe(const http1::RequestHead& head) const {
    thread_local std::vector<wire::RequestDescription::Header> headers;
    headers.clear();
    for (const auto& field : head.fields()) headers.push_back({head.name(field), head.value(field)});
    const bool is_chunked = head.framing() == http1::BodyFraming::Chunked;
    IncomingRequest request;
    request.method = method_;
    request.method_token = head.method_token();
    request.target = head.target();
    request.raw_path = head.target_form() == http1::TargetForm::Asterisk ? std::string_view("/") : head.raw_path();
    request.query = head.query();
    request.host = head.host();
    request.headers = headers;
    request.content_length = is_chunked ? wire::UnknownLength : head.content_length();
    request.flags = (keep_alive_ ? wire::RequestKeepsAlive : 0) | (is_chunked ? wire::RequestIsChunked : 0) |
                    (bound_worker_ != 0 ? wire::RequestIsBound : 0);
    request.http_minor = version_ == http1::Version::Http11 ? 1 : 0;
    return request;
}

/// Decodes up to \a limit body bytes from what has arrived into \a target. False when the framing is wrong.
bool Connection::decode_body(std::string& target, std::size_t limit) {
    while (!decoder_->at_end() && limit > 0) {
        const auto step = decoder_->next(input().substr(0, std::min(limit, input().size())));
        if (step.kind == http_fields::ChunkStep::Kind::Failed) return false;
        if (step.kind == http_fields::ChunkStep::Kind::Data) {
            target.append(step.data);
            limit -= step.data.size();
            if (exchange_ != nullptr) exchange_->body_received += step.data.size();
        }
        consume_input(step.consumed);
        if (step.kind == http_fields::ChunkStep::Kind::NeedMore && input().empty()) break;
        if (step.kind == http_fields::ChunkStep::Kind::NeedMore && step.consumed == 0) break;
    }
    return true;
}

bool Connection::collect_read_ahead() {
    if (decoder_ == nullptr) {
        submit();
        return true;
    }
    const std::size_t limit = frontend_.limits().body_read_ahead;
    if (!decode_body(exchange_->held_body, limit - std::min(limit, exchange_->held_body.size()))) {
        const auto error = decoder_->error();
        refuse(error.status, error.reason);
        return true;
    }
    const auto length = exchange_->fixed().content_length;
    const bool enough = length == wire::UnknownLength || expects_continue_ || exchange_->held_body.size() >= limit;
    if (decoder_->at_end() || enough) {
        exchange_->body_complete = decoder_->at_end();
        submit();
        return true;
    }
    if (read_more(BodyStep)) return true;
    if (half_closed_) close();
    else wait_for(Wait::Client);
    return false;
}

void Connection::submit() {
    wait_for(Wait::None);
    phase_ = Phase::Answer;
    frontend_.dispatcher().submit(exchange_, bound_worker_ == 0 ? nullptr : frontend_.dispatcher().find_link(bound_worker_));
}

void Connection::on_body_wanted() { frontend_.schedule(*this); }

void Connection::supply_body() {
    if (exchange_ == nullptr || body_is_complete()) {
        if (exchange_ == nullptr || pending_body_.empty()) return;
    }
    Dispatcher& dispatcher = frontend_.dispatcher();
    while (exchange_ != nullptr) {
        if (!pending_body_.empty()) {
            pending_body_.erase(0, dispatcher.deliver_body(*exchange_, pending_body_));
            if (!pending_body_.empty()) return wait_for(blocked_ ? Wait::Client : Wait::None);
        }
        if (decoder_->at_end()) {
            if (!exchange_->body_complete) dispatcher.end_body(*exchange_, false);
            return wait_for(blocked_ ? Wait::Client : Wait::None);
        }
        if (!dispatcher.wants_body(*exchange_)) return wait_for(blocked_ ? Wait::Client : Wait::None);
        if (input().empty() && !read_more(BodyStep)) break;
        if (!decode_body(pending_body_, BodyStep)) {
            dispatcher.end_body(*exchange_, true);
            if (head_sent_) return void(failed_ = true);
            return refuse(decoder_->error().status, decoder_->error().reason);
        }
    }
    if (half_closed_) {
        dispatcher.end_body(*exchange_, true);
        detach_exchange();
        return close();
    }
    if (expects_continue_ && !continue_sent_ && !head_sent_) {
        continue_sent_ = true;
        out_.append("HTTP/1.1 100 Continue\r\n\r\n");
        flush_output();
    }
    wait_for(Wait::Client);
}

bool Connection::drain_body() {
    std::string discarded;
    for (;;) {
        discarded.clear();
        if (!decode_body(discarded, BodyStep)) return start_linger(), true;
        drained_ += discarded.size();
        if (decoder_->at_end()) return next_request(), true;
        if (drained_ > frontend_.limits().drain_body_bytes) return start_linger(), true;
        if (input().empty() && !read_more(BodyStep)) break;
    }
    if (half_closed_) close();
    return false;
}

void Connection::linger() {
    auto& scratch = frontend_.reactor().scratch();
    while (readable_ && drained_ <= frontend_.limits().drain_body_bytes) {
        const IoResult got = transport_.read(scratch);
        if (got.state == IoState::Blocked) return void(readable_ = false);
        if (got.state != IoState::Ok) return close();
        drained_ += got.size;
    }
    if (drained_ > frontend_.limits().drain_body_bytes) close();
}

}  // namespace osmia::listener
