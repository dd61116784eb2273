#include "listener/http2_stream.h"

#include <algorithm>

#include "http/ascii.h"
#include "http/date.h"
#include "http/status.h"
#include "http1/error_answer.h"
#include "http1/response_framing.h"
#include "http_fields/field_syntax.h"
#include "listener/frontend.h"
#include "listener/http2_connection.h"

namespace osmia::listener {

namespace {

constexpr std::string_view ServerName = "Osmia";
/// The most 1xx responses that one request's worker gets through to the client; the others are left out.
constexpr unsigned MaxInformational = 16;

using http::HeaderId;

/// Fields that HTTP/2 does not have (RFC 9113 section 8.2.2) and those that are the listener's own.
bool is_left_out(HeaderId id) {
    switch (id) {
        case HeaderId::Connection:
        case HeaderId::KeepAlive:
        case HeaderId::ProxyConnection:
        case HeaderId::TransferEncoding:
        case HeaderId::Upgrade:
        case HeaderId::Te:
        case HeaderId::Trailer:
        case HeaderId::ContentLength:
        case HeaderId::Date: return true;
        default: return false;
    }
}

bool has_no_content(unsigned status) { return http::has_no_content(status) || status == 205; }

}  // namespace

Http2Stream::~Http2Stream() {
    detach_exchange();
    transmission_.end(connection_.frontend().dispatcher(), true);
}

void Http2Stream::on_closed(bool whole) {
    detach_exchange();
    transmission_.end(connection_.frontend().dispatcher(), !whole && !response_over_);
}

// The client's half -------------------------------------------------------------------------------------------------

IncomingRequest Http2Stream::describe(const http2::RequestHead& head, const http2::RequestFacts& facts, bool ends) const {
    thread_local std::vector<wire::RequestDescription::Header> headers;
    headers.clear();
    if (!facts.has_host_field) headers.push_back({"Host", facts.authority});
    for (std::size_t i = 0; i < head.field_count(); ++i) headers.push_back({head.field(i).name, head.field(i).value});
    IncomingRequest request;
    request.method = facts.method;
    request.method_token = head.method();
    request.target = head.path();
    request.raw_path = facts.raw_path;
    request.query = facts.query;
    request.host = facts.host;
    request.headers = headers;
    request.content_length = ends ? 0 : facts.content_length.value_or(wire::UnknownLength);
    request.flags = wire::RequestKeepsAlive | (connection_.bound_worker != 0 ? wire::RequestIsBound : 0);
    request.http_major = 2;
    request.http_minor = 0;
    return request;
}

void Http2Stream::begin(const http2::RequestHead& head, bool ends, bool too_large) {
    request_ended_ = ends;
    transmission_.begin(connection_.frontend().reactor().now_us());
    transmission_.add_received(head.list_size());
    std::string_view traceparent;
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        if (head.field(i).name == "traceparent") traceparent = head.field(i).value;
    }
    request_id_ = choose_request_id(traceparent);
    method_ = http::parse_method(head.method());
    if (too_large) return refuse(431, http::ErrorReason::RequestLength, &head);
    http2::RequestFacts facts;
    if (const auto error = http2::check_request(head, ends, connection_.frontend().head_limits(), facts)) return refuse(error->status, error->reason, &head);
    expects_continue_ = facts.expects_continue;
    const Intake intake = take_in(connection_.frontend(), connection_.endpoints(), connection_.id(), request_id_, describe(head, facts, ends));
    site_id_ = intake.site_id;
    if (!intake.redirect.empty()) return answer_redirect(intake.redirect);
    if (intake.exchange == nullptr) return refuse(intake.refusal.status, intake.refusal.reason, &head);
    exchange_ = intake.exchange;
    exchange_->sink = this;
    transmission_.attach(*exchange_);
    connection_.set_idle_timeout(exchange_->site->settings.idle_timeout_ms);
    if (!connection_.frontend().traffic().take_seat(connection_.seat, *exchange_->site)) return refuse(503, http::ErrorReason::ConnLimit);
    // A body that is waited for with 100-continue, or whose length nobody knows, is not read ahead.
    if (ends || expects_continue_ || !facts.content_length) submit();
    else watch_client();
}

void Http2Stream::take_content(std::string_view bytes) {
    moved_bytes_ += bytes.size();
    transmission_.add_received(bytes.size());
    if (exchange_ == nullptr) return connection_.session().consume(id_, bytes.size());
    exchange_->body_received += bytes.size();
    if (submitted_) {
        pending_.append(bytes);
        return connection_.visit_later(id_);
    }
    const std::size_t limit = connection_.frontend().limits().body_read_ahead;
    const std::size_t room = limit - std::min<std::size_t>(limit, exchange_->held_body.size());
    const std::size_t held = std::min(room, bytes.size());
    exchange_->held_body.append(bytes.substr(0, held));
    connection_.session().consume(id_, held);
    pending_.append(bytes.substr(held));
    if (exchange_->held_body.size() >= limit) submit();
}

void Http2Stream::end_request() {
    request_ended_ = true;
    if (exchange_ == nullptr) return;
    if (!submitted_) {
        exchange_->body_complete = pending_.empty();
        return submit();
    }
    connection_.visit_later(id_);
}

void Http2Stream::submit() {
    submitted_ = true;
    auto& dispatcher = connection_.frontend().dispatcher();
    dispatcher.submit(exchange_, connection_.bound_worker == 0 ? nullptr : dispatcher.find_link(connection_.bound_worker));
    connection_.visit_later(id_);
    connection_.schedule();
}

void Http2Stream::supply() {
    wants_body_ = false;
    if (exchange_ == nullptr || !submitted_) return;
    auto& dispatcher = connection_.frontend().dispatcher();
    if (!pending_.empty()) {
        const std::size_t taken = dispatcher.deliver_body(*exchange_, pending_);
        pending_.erase(0, taken);
        connection_.session().consume(id_, taken);
        if (!pending_.empty()) return;
    }
    if (request_ended_) {
        if (!exchange_->body_complete) dispatcher.end_body(*exchange_, false);
        return;
    }
    if (!dispatcher.wants_body(*exchange_)) return;
    wants_body_ = true;
    if (expects_continue_ && !continue_sent_ && !head_sent_) {
        continue_sent_ = true;
        connection_.session().submit_informational(id_, 100, {});
    }
    watch_client();
}

void Http2Stream::on_body_wanted() {
    connection_.visit_later(id_);
    connection_.schedule();
}

// The answer --------------------------------------------------------------------------------------------------------

void Http2Stream::on_informational(const wire::ResponseHeadView& head) {
    if (head_sent_ || (head.status == 100 && (continue_sent_ || !expects_continue_))) return;
    if (head.status == 100) continue_sent_ = true;
    else if (blocked_ || ++informational_ > MaxInformational) return;
    std::vector<http2::ResponseField> fields;
    for (const auto& field : head.fields) {
        if (is_left_out(http::find_header_id(field.name))) continue;
        if (!http_fields::is_token(field.name) || http_fields::find_control(field.value) != field.value.size()) return;
        fields.push_back({field.name, http_fields::trim_blanks(field.value)});
    }
    connection_.session().submit_informational(id_, head.status, fields);
    connection_.schedule();
}

bool Http2Stream::on_head(const wire::ResponseHeadView& head) {
    thread_local std::vector<http1::ResponseField> given;
    thread_local std::vector<http2::ResponseField> fields;
    given.clear();
    fields.clear();
    if (head.status < http::MinStatus || head.status > http::MaxStatus) return false;
    fields.push_back({"date", connection_.frontend().date()});
    bool has_server = false, has_security = false;
    for (const auto& field : head.fields) {
        const HeaderId id = http::find_header_id(field.name);
        given.push_back({field.name, field.value, id});
        if (is_left_out(id)) continue;
        if (!http_fields::is_token(field.name) || http_fields::find_control(field.value) != field.value.size()) return false;
        has_server = has_server || id == HeaderId::Server;
        has_security = has_security || id == HeaderId::StrictTransportSecurity;
        fields.push_back({field.name, http_fields::trim_blanks(field.value)});
    }
    const auto wishes = http1::read_wishes(given);
    if (wishes.bad_content_length) return false;
    if (!has_server) fields.push_back({"server", ServerName});
    const std::string_view security = exchange_->site->settings.strict_transport_security;
    if (connection_.endpoints().tls != nullptr && !security.empty() && !has_security) fields.push_back({"strict-transport-security", security});
    const auto length = head.content_length ? head.content_length : wishes.content_length;
    const bool no_content = has_no_content(head.status);
    const std::string digits = length && !no_content ? std::to_string(*length) : std::string();
    if (!digits.empty()) fields.push_back({"content-length", digits});
    length_left_ = length;
    begin_answer(head.status, fields, !no_content && method_ != http::Method::Head && length != std::uint64_t{0});
    return true;
}

void Http2Stream::begin_answer(unsigned status, std::span<const http2::ResponseField> fields, bool has_content) {
    head_sent_ = true;
    has_content_ = has_content;
    connection_.session().submit_response(id_, status, fields, has_content);
    connection_.schedule();
}

/// How many of \a size bytes the answer's length still allows.
std::uint64_t Http2Stream::allowed(std::uint64_t size) {
    if (!has_content_ || abandoned_) return 0;
    if (!length_left_) return size;
    size = std::min(size, *length_left_);
    *length_left_ -= size;
    return size;
}

std::size_t Http2Stream::on_body(const iovec* pieces, int count) {
    const std::size_t held = content_.held_bytes();
    std::size_t room = MaxStreamOutput - std::min(MaxStreamOutput, held);
    std::size_t taken = 0, given = 0;
    for (int i = 0; i < count; ++i) {
        given += pieces[i].iov_len;
        const std::size_t size = std::min(room, pieces[i].iov_len);
        const auto kept = static_cast<std::size_t>(allowed(size));
        content_.append({static_cast<const char*>(pieces[i].iov_base), kept});
        taken += size;
        room -= kept;
        if (size < pieces[i].iov_len) break;
    }
    if (!has_content_ || abandoned_) return given;
    blocked_ = taken < given;
    if (blocked_) watch_client();
    connection_.session().resume(id_);
    connection_.schedule();
    return taken;
}

void Http2Stream::hold_body(const iovec* pieces, int count) {
    for (int i = 0; i < count; ++i) {
        content_.append({static_cast<const char*>(pieces[i].iov_base), static_cast<std::size_t>(allowed(pieces[i].iov_len))});
    }
    connection_.session().resume(id_);
    connection_.schedule();
}

void Http2Stream::on_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t size = allowed(length);
    if (size == 0) return;
    content_.append_file(std::move(file), offset, size);
    connection_.session().resume(id_);
    connection_.schedule();
}

void Http2Stream::on_end(bool abort) {
    response_over_ = true;
    const bool is_short = has_content_ && length_left_ && *length_left_ > 0;
    if (abort || is_short) return abandon(http2::ErrorCode::InternalError, http::ErrorReason::ConnectionAbandonedByAppPool);
    detach_exchange();
    if (has_content_) connection_.session().resume(id_);
    if (has_content_ && !content_.empty()) watch_client();
    // RFC 9113 section 8.1: what is left of the request is not wanted.
    if (!has_content_ && !request_ended_) connection_.session().reset(id_, http2::ErrorCode::NoError);
    connection_.schedule();
}

void Http2Stream::on_flush() { connection_.schedule(); }

void Http2Stream::on_failure(unsigned status, http::ErrorReason reason) {
    if (head_sent_) return abandon(http2::ErrorCode::InternalError, reason);
    refuse(status, reason);
}

void Http2Stream::abandon(http2::ErrorCode code, http::ErrorReason reason) {
    if (std::exchange(abandoned_, true)) return;
    log_error(0, reason);
    detach_exchange();
    connection_.session().reset(id_, code);
    connection_.schedule();
}

void Http2Stream::refuse(unsigned status, http::ErrorReason reason, const http2::RequestHead* head) {
    log_error(status, reason, head);
    detach_exchange();
    answer_error(status, reason);
}

void Http2Stream::answer_error(unsigned status, http::ErrorReason reason) {
    http1::ErrorAnswer answer;
    answer.status = status;
    answer.reason = reason;
    answer.request_id = {request_id_.data(), request_id_.size()};
    char page[http1::MaxErrorAnswer];
    const std::size_t size = http1::encode_error_page(page, answer);
    const std::string length = std::to_string(size);
    std::vector<http2::ResponseField> fields{{"date", connection_.frontend().date()}, {"server", ServerName},
                                             {"content-type", "text/html; charset=utf-8"}, {"content-length", length}};
    if (status == 405) fields.push_back({"allow", http1::AllowedMethods});
    response_over_ = true;
    const bool has_page = method_ != http::Method::Head;
    if (has_page) content_.append({page, size});
    begin_answer(status, fields, has_page);
    if (!has_page && !request_ended_) connection_.session().reset(id_, http2::ErrorCode::NoError);
}

void Http2Stream::answer_redirect(const std::string& location) {
    const http2::ResponseField fields[] = {{"date", connection_.frontend().date()}, {"server", ServerName}, {"location", location}, {"content-length", "0"}};
    response_over_ = true;
    begin_answer(301, fields, false);
    if (!request_ended_) connection_.session().reset(id_, http2::ErrorCode::NoError);
}

std::ptrdiff_t Http2Stream::read_content(std::span<char> target, bool& ends) {
    if (reads_file_ || abandoned_) return 0;
    const auto got = content_.read(target);
    if (got.state == Http2Content::State::Failed) {
        log_error(0, http::ErrorReason::ConnectionAbandonedByAppPool);
        abandoned_ = true;
        return -1;
    }
    if (got.state == Http2Content::State::NeedsRead) {
        auto range = content_.wanted_range();
        reads_file_ = true;
        connection_.frontend().file_reader().read(std::move(range.file), range.offset, range.length, connection_.id());
        return 0;
    }
    moved_bytes_ += got.size;
    transmission_.add_sent(got.size);
    ends = response_over_ && content_.empty();
    if (exchange_ != nullptr && (content_.empty() || blocked_)) connection_.visit_later(id_);
    if (ends && !request_ended_) connection_.session().reset(id_, http2::ErrorCode::NoError);
    return static_cast<std::ptrdiff_t>(got.size);
}

void Http2Stream::on_file_read() {
    if (!std::exchange(reads_file_, false)) return;
    connection_.session().resume(id_);
}

void Http2Stream::unblock() {
    const bool has_room = content_.held_bytes() <= MaxStreamOutput / 2;
    if (!has_room || (!blocked_ && !content_.empty())) return;
    blocked_ = false;
    if (exchange_ != nullptr && submitted_) connection_.frontend().dispatcher().resume(*exchange_);
}

void Http2Stream::detach_exchange() {
    if (exchange_ == nullptr) return;
    Exchange* exchange = std::exchange(exchange_, nullptr);
    auto& dispatcher = connection_.frontend().dispatcher();
    exchange->sink = nullptr;
    if (exchange->state == ExchangeState::Idle) return dispatcher.release(exchange);
    if (!exchange->ended && exchange->state != ExchangeState::Finished) dispatcher.client_left(exchange);
}

void Http2Stream::on_disconnect(bool at_once) {
    if (!at_once) return;  // the connection is other requests' too
    abandon(http2::ErrorCode::Cancel, http::ErrorReason::ConnectionAbandonedByAppPool);
}

void Http2Stream::on_bind(WorkerLink* link) {
    if (link == nullptr) {
        if (WorkerLink* old = connection_.frontend().dispatcher().find_link(connection_.bound_worker)) old->bound_connections.erase(connection_.id());
        connection_.bound_worker = 0;
        return;
    }
    connection_.bound_worker = link->worker_id();
    link->bound_connections.insert(connection_.id());
}

// Slow clients ------------------------------------------------------------------------------------------------------

bool Http2Stream::waits_for_client() const {
    if (abandoned_ || reads_file_) return false;
    const bool for_content = !request_ended_ && exchange_ != nullptr && (!submitted_ || wants_body_);
    const bool for_window = head_sent_ && !content_.empty();
    return for_content || for_window;
}

void Http2Stream::watch_client() {
    if (timer_.is_armed()) return;
    moved_bytes_ = 0;
    connection_moved_ = connection_.moved_bytes();
    connection_.frontend().reactor().arm<&Http2Stream::on_slow_client>(timer_, this, std::chrono::milliseconds(connection_.frontend().limits().body_grace_ms));
}

void Http2Stream::on_slow_client() {
    if (!waits_for_client()) return;
    const auto& limits = connection_.frontend().limits();
    const std::uint64_t least = std::uint64_t{limits.min_bytes_per_second} * limits.body_grace_ms / 1000;
    const bool fast_enough = moved_bytes_ >= least;
    // One whose windows are open waits for others of the connection, which are looked at themselves.
    const bool others_turn = head_sent_ && !content_.empty() && !connection_.session().is_window_closed(id_) &&
                             connection_.moved_bytes() - connection_moved_ >= least;
    if (fast_enough || others_turn) return watch_client();
    if (!head_sent_) return refuse(408, http::ErrorReason::TimerEntityBody);
    abandon(http2::ErrorCode::EnhanceYourCalm, http::ErrorReason::TimerMinBytesPerSecond);
}

void Http2Stream::log_error(unsigned status, http::ErrorReason reason, const http2::RequestHead* head) {
    const Endpoints& endpoints = connection_.endpoints();
    ErrorLine line;
    line.client = endpoints.remote_address;
    line.client_port = endpoints.remote_port;
    line.server = endpoints.local_address;
    line.server_port = endpoints.local_port;
    line.version = "HTTP/2.0";
    if (head != nullptr) {
        line.method = head->method();
        line.url = head->path();
    } else if (exchange_ != nullptr) {
        line.method = exchange_->view().method();
        line.url = exchange_->view().raw_target();
    }
    if (exchange_ != nullptr) {
        line.pool_id = exchange_->application->pool_id;
        line.pool = connection_.frontend().dispatcher().pool_name(line.pool_id);
    }
    line.status = status;
    line.site_id = site_id_;
    line.reason = reason;
    line.request_id = {request_id_.data(), request_id_.size()};
    connection_.frontend().error_log().write(line);
}

}  // namespace osmia::listener
