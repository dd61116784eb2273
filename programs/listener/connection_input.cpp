// Connection, first part: from the client's bytes to a queued request and its body.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/random_id.h"
#include "http/path.h"
#include "listener/connection.h"
#include "listener/frontend.h"

namespace osmia::listener {

namespace {

/// A head is read in steps of this size: a whole one nearly always fits.
constexpr std::size_t HeadStep = 16 * 1024;
constexpr std::size_t BodyStep = 64 * 1024;

/// The trace id of a W3C traceparent of version 00, or nothing.
std::string_view trace_id(std::string_view traceparent) {
    if (traceparent.size() != 55 || !traceparent.starts_with("00-") || traceparent[35] != '-') return {};
    const std::string_view id = traceparent.substr(3, 32);
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!std::all_of(id.begin(), id.end(), is_hex) || id.find_first_not_of('0') == std::string_view::npos) return {};
    return id;
}

}  // namespace

void Connection::consume_input(std::size_t size) {
    in_used_ += size;
    if (in_used_ == in_.size()) {
        in_.clear();
        in_used_ = 0;
    }
}

bool Connection::read_more(std::size_t limit) {
    if (!readable_) return false;
    auto& scratch = frontend_.reactor().scratch();
    const std::size_t size = std::min(limit, scratch.size());
    const ssize_t got = ::recv(fd_.get(), scratch.data(), size, MSG_DONTWAIT);
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) failed_ = true;
        readable_ = false;
        return false;
    }
    if (got == 0) {
        half_closed_ = true;
        readable_ = false;
        return false;
    }
    if (in_used_ > 0) {
        in_.erase(0, in_used_);
        in_used_ = 0;
    }
    in_.append(scratch.data(), static_cast<std::size_t>(got));
    moved_bytes_ += static_cast<std::uint64_t>(got);
    // A read that did not fill the buffer took all there was, and the next byte is a new edge; but a FIN gives none.
    if (static_cast<std::size_t>(got) < size && !fin_behind_) readable_ = false;
    return true;
}

bool Connection::take_head() {
    if (input().empty() && !read_more(HeadStep)) {
        if (half_closed_) close();
        return false;
    }
    http1::RequestParser& parser = parser_ != nullptr ? *parser_ : frontend_.parser();
    if (parser_ == nullptr) parser.reset();
    switch (parser.parse(input())) {
        case http1::ParseState::Complete: {
            const std::size_t size = parser.request().size();
            auto keep = std::move(parser_);
            begin_request(parser.request());
            consume_input(size);
            return true;
        }
        case http1::ParseState::Failed: {
            const auto error = parser.error();
            parser_.reset();
            refuse(error.status, error.reason);
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
    phase_ = Phase::Answer;
    method_ = head.method();
    version_ = head.version();
    keep_alive_ = head.keep_alive() && (!draining_ || drains_patiently_);
    expects_continue_ = head.expects_continue();
    head_sent_ = response_over_ = continue_sent_ = false;
    site_id_ = 0;
    if (const auto trace = trace_id(head.find_value(http::HeaderId::Traceparent)); !trace.empty()) {
        std::memcpy(request_id_.data(), trace.data(), request_id_.size());
    } else {
        const std::string id = random_id();
        std::memcpy(request_id_.data(), id.data(), request_id_.size());
    }
    if (head.has_body()) decoder_ = std::make_unique<http1::BodyDecoder>(head);
    thread_local std::string path;
    const std::string_view raw = head.target_form() == http1::TargetForm::Asterisk ? std::string_view("/") : head.raw_path();
    path.resize(raw.size());
    const auto normalized = http::normalize_path(raw, path);
    if (!normalized.ok()) return refuse(400, http::ErrorReason::Url);
    if (!route(head, std::string_view(path).substr(0, normalized.size))) return;
    if (!encode_head(head, std::string_view(path).substr(0, normalized.size))) {
        return refuse(431, http::ErrorReason::RequestLength);
    }
    phase_ = Phase::ReadAhead;
}

bool Connection::route(const http1::RequestHead& head, std::string_view path) {
    const auto& snapshot = frontend_.snapshot();
    const Site* site = snapshot == nullptr ? nullptr : snapshot->find_site(endpoints_.socket_id, head.host());
    if (site == nullptr) {
        refuse(400, http::ErrorReason::Hostname);
        return false;
    }
    site_id_ = site->settings.site_id;
    const Application* application = site->find_application(path);
    if (!frontend_.is_site_started(*site) || application == nullptr) {
        const bool stopped = application != nullptr || !frontend_.is_site_started(*site);
        refuse(stopped ? 503 : 404, stopped ? http::ErrorReason::Disabled : http::ErrorReason::BadRequest);
        return false;
    }
    exchange_ = frontend_.dispatcher().acquire();
    exchange_->sink = this;
    exchange_->id = request_id_;
    exchange_->snapshot = snapshot;
    exchange_->site = site;
    exchange_->application = application;
    exchange_->method = method_;
    exchange_->arrived_us = frontend_.reactor().now_us();
    exchange_->body_complete = decoder_ == nullptr;
    return true;
}

bool Connection::encode_head(const http1::RequestHead& head, std::string_view path) {
    thread_local std::vector<wire::RequestDescription::Header> headers;
    thread_local std::vector<std::byte> buffer(wire::RequestHeadBytes);
    headers.clear();
    for (const auto& field : head.fields()) headers.push_back({head.name(field), head.value(field)});
    wire::RequestDescription description;
    description.headers = headers;
    description.method = head.method_token();
    description.raw_target = head.target();
    description.path = path;
    description.query = head.query();
    description.host = head.host();
    description.remote_address = endpoints_.remote_address;
    description.local_address = endpoints_.local_address;
    description.request_id = std::string_view(request_id_.data(), request_id_.size());
    description.application_path = exchange_->application->path;
    auto& fixed = description.fixed;
    fixed.number = exchange_->number;
    fixed.connection_id = id_;
    fixed.content_length = head.framing() == http1::BodyFraming::Chunked ? wire::UnknownLength : head.content_length();
    fixed.arrived_realtime_us = realtime_us();
    fixed.arrived_us = exchange_->arrived_us;
    fixed.site_id = exchange_->application->site_id;
    fixed.application_id = exchange_->application->id;
    fixed.execution_timeout_ms = exchange_->application->execution_timeout_ms;
    fixed.flags = (keep_alive_ ? wire::RequestKeepsAlive : 0) | (endpoints_.is_unix ? wire::RequestIsUnixSocket : 0) |
                  (head.framing() == http1::BodyFraming::Chunked ? wire::RequestIsChunked : 0) |
                  (bound_worker_ != 0 ? wire::RequestIsBound : 0);
    fixed.http_major = 1;
    fixed.http_minor = version_ == http1::Version::Http11 ? 1 : 0;
    fixed.remote_port = endpoints_.remote_port;
    fixed.local_port = endpoints_.local_port;
    const auto size = wire::encode_request_head(description, buffer);
    if (!size || *size > sizeof(wire::RequestSlot::head)) return false;
    exchange_->head.assign(buffer.begin(), buffer.begin() + *size);
    return true;
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
            detach_exchange();
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
        const ssize_t got = ::recv(fd_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) {
            readable_ = false;
            return;
        }
        if (got <= 0) return close();
        drained_ += static_cast<std::uint64_t>(got);
    }
    if (drained_ > frontend_.limits().drain_body_bytes) close();
}

}  // namespace osmia::listener
