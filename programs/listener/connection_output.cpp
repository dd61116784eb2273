// Connection, second part: from the pump's calls to bytes for the client.
#include <algorithm>

#include "base/random_id.h"
#include "http/ascii.h"
#include "http1/error_answer.h"
#include "http1/response_encoder.h"
#include "listener/connection.h"
#include "listener/frontend.h"

namespace osmia::listener {

namespace {

constexpr std::string_view ServerName = "Osmia";
constexpr std::string_view StrictTransportSecurity = "Strict-Transport-Security";

/// The most 1xx responses that one request's worker gets through to the client; the others are left out.
constexpr unsigned MaxInformational = 16;

/// Valid until the next call.
std::vector<http1::ResponseField>& to_fields(const wire::ResponseHeadView& head) {
    thread_local std::vector<http1::ResponseField> fields;
    fields.clear();
    for (const auto& field : head.fields) fields.push_back({field.name, field.value, http::find_header_id(field.name)});
    return fields;
}

/// Leaves only the first \a size bytes of the pieces.
int cut_pieces(const iovec* from, int count, std::uint64_t size, iovec* to) {
    int used = 0;
    for (int i = 0; i < count && size > 0; ++i) {
        to[used] = from[i];
        to[used].iov_len = std::min<std::uint64_t>(size, from[i].iov_len);
        size -= to[used].iov_len;
        if (to[used].iov_len > 0) ++used;
    }
    return used;
}

std::uint64_t total_of(const iovec* pieces, int count) {
    std::uint64_t size = 0;
    for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
    return size;
}

/// RFC 6797: on https answers, unless the application sends its own.
void add_transport_security(const wire::SnapshotSite& site, std::vector<http1::ResponseField>& fields) {
    if (site.strict_transport_security.empty()) return;
    const auto is_it = [](const http1::ResponseField& field) { return http::iequals(field.name, StrictTransportSecurity); };
    if (std::none_of(fields.begin(), fields.end(), is_it)) fields.push_back({StrictTransportSecurity, site.strict_transport_security, http::find_header_id(StrictTransportSecurity)});
}

}  // namespace

void Connection::on_informational(const wire::ResponseHeadView& head) {
    if (version_ == http1::Version::Http10 || head_sent_) return;
    if (head.status == 100) {
        if (continue_sent_ || !expects_continue_) return;
        continue_sent_ = true;
        out_.append("HTTP/1.1 100 Continue\r\n\r\n");
        return;
    }
    // Optional by nature (RFC 9110 section 15.2): one that would have to wait for a slow client is left out.
    if (blocked_ || ++informational_ > MaxInformational) return;
    http1::ResponseHead response;
    response.status = head.status;
    response.reason = head.reason;
    response.fields = to_fields(head);
    http1::FramingDecision none;
    none.keep_alive = true;
    append_head(response, none);
}

bool Connection::append_head(const http1::ResponseHead& response, const http1::FramingDecision& framing) {
    auto& buffer = frontend_.head_buffer();
    if (buffer.size() < 4096) buffer.resize(4096);
    auto encoded = http1::encode_response_head(buffer, response, framing);
    if (encoded.status == http1::EncodeStatus::NoSpace) {
        buffer.resize(encoded.size);
        encoded = http1::encode_response_head(buffer, response, framing);
    }
    if (encoded.status != http1::EncodeStatus::Ok) return false;
    out_.append(std::string_view(buffer).substr(0, encoded.size));
    return true;
}

bool Connection::on_head(const wire::ResponseHeadView& head) {
    auto& fields = to_fields(head);
    if (endpoints_.tls != nullptr) add_transport_security(exchange_->site->settings, fields);
    const auto wishes = http1::read_wishes(fields);
    if (wishes.bad_content_length) return false;
    const bool body_may_never_come = !body_is_complete() && expects_continue_ && !continue_sent_;
    http1::FramingInput input;
    input.method = method_;
    input.version = version_;
    input.keep_alive = keep_alive_ && !wishes.close && !is_last_answer() && !body_may_never_come && !bound_worker_leaves();
    input.status = head.status;
    input.length = head.content_length ? head.content_length : wishes.content_length;
    framing_ = http1::decide_framing(input);
    http1::ResponseHead response;
    response.status = head.status;
    response.reason = head.reason;
    response.fields = fields;
    response.date = frontend_.date();
    response.server = ServerName;
    if (!append_head(response, framing_)) return false;
    keep_alive_ = framing_.keep_alive;
    length_left_ = framing_.length;
    chunk_left_ = 0;
    head_sent_ = true;
    return true;
}

/// How many of \a size body bytes may go out; writes a chunk's first line where one begins.
std::uint64_t Connection::begin_piece(std::uint64_t size) {
    if (framing_.mode == http1::BodyMode::None) return 0;
    if (framing_.mode == http1::BodyMode::Length) return std::min(size, length_left_);
    if (framing_.mode == http1::BodyMode::Chunked && chunk_left_ == 0 && size > 0) {
        char line[http1::MaxChunkHeader];
        out_.append({line, http1::encode_chunk_header(size, line)});
        chunk_left_ = size;
    }
    return size;
}

void Connection::end_piece(std::uint64_t sent) {
    if (framing_.mode == http1::BodyMode::Length) length_left_ -= sent;
    if (framing_.mode != http1::BodyMode::Chunked || sent == 0) return;
    chunk_left_ -= sent;
    if (chunk_left_ == 0) out_.append(http1::ChunkEnd);
}

std::size_t Connection::on_body(const iovec* pieces, int count) {
    const std::uint64_t size = total_of(pieces, count);
    if (failed_) return size;
    const std::uint64_t allowed = begin_piece(size);
    if (allowed == 0) return size;  // none may follow: swallowed
    iovec cut[2];
    std::size_t taken = 0;
    limit_output();
    note_send_state(out_.send(transport_, cut, cut_pieces(pieces, count, allowed, cut), taken));
    end_piece(taken);
    return taken == allowed || failed_ ? size : taken;
}

void Connection::hold_body(const iovec* pieces, int count) {
    const std::uint64_t allowed = begin_piece(total_of(pieces, count));
    iovec cut[2];
    const int used = cut_pieces(pieces, count, allowed, cut);
    for (int i = 0; i < used; ++i) out_.append({static_cast<const char*>(cut[i].iov_base), cut[i].iov_len});
    end_piece(allowed);
}

void Connection::on_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t allowed = begin_piece(length);
    if (allowed == 0) return;
    out_.append_file(std::move(file), offset, allowed);
    end_piece(allowed);
}

void Connection::on_end(bool abort) {
    response_over_ = true;
    const bool is_short = framing_.mode == http1::BodyMode::Length && length_left_ > 0;
    if (abort || is_short) log_error(0, http::ErrorReason::ConnectionAbandonedByAppPool);
    detach_exchange();
    if (abort || is_short) {
        // What was promised cannot come: only the cut tells the client that the answer is not whole.
        flush_output();
        keep_alive_ = false;
        reset_ = framing_.mode == http1::BodyMode::UntilClose;
        if (!blocked_) failed_ = true;
    } else {
        if (framing_.mode == http1::BodyMode::Chunked) out_.append(http1::LastChunk);
        flush_output();
    }
    frontend_.schedule(*this);
}

void Connection::on_flush() {
    if (!out_.empty()) flush_output();
}

void Connection::flush_output() {
    if (failed_ || phase_ == Phase::Closed) return;
    limit_output();
    note_send_state(out_.flush(transport_));
}

void Connection::limit_output() {
    Throttle& throttle = frontend_.throttle();
    out_.set_budget(throttle.is_active() ? throttle.share(seat_) : ~std::uint64_t{0});
}

void Connection::note_send_state(SendState state) {
    const std::uint64_t sent = out_.take_sent();
    moved_bytes_ += sent;
    transmission_.add_sent(sent);
    if (frontend_.throttle().is_active()) frontend_.throttle().spend(seat_, sent);
    blocked_ = state == SendState::Blocked || state == SendState::NeedsRead;
    if (state == SendState::NeedsRead) {
        auto range = out_.wanted_range();
        is_held_back_ = true;
        frontend_.file_reader().read(std::move(range.file), range.offset, range.length, id());
        return wait_for(Wait::None);
    }
    if (state == SendState::Blocked && out_.budget_is_spent()) {
        is_held_back_ = true;
        frontend_.throttle().wait(seat_, id());
        return wait_for(Wait::None);
    }
    if (state == SendState::Failed) {
        failed_ = true;
        frontend_.schedule(*this);
    }
    if (blocked_) {
        writable_ = false;
        wait_for(Wait::Client);
    } else if (wait_ == Wait::Client) {
        wait_for(Wait::None);
    }
}

void Connection::on_failure(unsigned status, http::ErrorReason reason) {
    log_error(head_sent_ ? 0 : status, reason);
    if (exchange_ != nullptr && exchange_->link != nullptr && exchange_->link->crashed && is_local_client()) {
        crash_report_ = exchange_->link->crash_report();
    }
    detach_exchange();
    if (head_sent_) {
        failed_ = true;
    } else {
        answer_error(status, reason);
    }
    frontend_.schedule(*this);
}

bool Connection::is_local_client() const {
    return endpoints_.is_unix || endpoints_.remote_address.starts_with("127.") || endpoints_.remote_address == "::1";
}

void Connection::answer_error(unsigned status, http::ErrorReason reason) {
    keep_alive_ = keep_alive_ && body_is_complete() && !is_last_answer();
    http1::ErrorAnswer answer;
    answer.status = status;
    answer.reason = reason;
    answer.keep_alive = keep_alive_;
    answer.head_only = method_ == http::Method::Head;
    answer.date = frontend_.date();
    answer.server = ServerName;
    answer.request_id = std::string_view(request_id_.data(), request_id_[0] == 0 ? 0 : request_id_.size());
    answer.crash_report = crash_report_;
    char buffer[http1::MaxErrorAnswer];
    out_.append({buffer, http1::encode_error_answer(buffer, answer)});
    head_sent_ = true;
    response_over_ = true;
    crash_report_.clear();
    flush_output();
}

/// The site is to be visited by https.
void Connection::answer_redirect(const std::string& location) {
    const http1::ResponseField field{"Location", location, http::find_header_id("Location")};
    keep_alive_ = keep_alive_ && body_is_complete();
    http1::FramingInput input{method_, version_, keep_alive_, 301, 0};
    framing_ = http1::decide_framing(input);
    http1::ResponseHead response;
    response.status = 301;
    response.fields = {&field, 1};
    response.date = frontend_.date();
    response.server = ServerName;
    if (!append_head(response, framing_)) return refuse(400, http::ErrorReason::Url);
    head_sent_ = response_over_ = true;
    flush_output();
}

/// A refusal of the listener's own after which the connection closes.
void Connection::refuse(unsigned status, http::ErrorReason reason, const http1::RequestHead* head) {
    if (request_id_[0] == 0) {
        const std::string id = random_id();
        std::copy(id.begin(), id.end(), request_id_.begin());
    }
    log_error(status, reason, head);
    detach_exchange();
    phase_ = Phase::Answer;
    keep_alive_ = false;
    answer_error(status, reason);
    frontend_.schedule(*this);
}

void Connection::detach_exchange() {
    if (exchange_ == nullptr) return;
    Exchange* exchange = exchange_;
    exchange_ = nullptr;
    exchange->sink = nullptr;
    if (exchange->state == ExchangeState::Idle) return frontend_.dispatcher().release(exchange);
    if (!exchange->ended && exchange->state != ExchangeState::Finished) frontend_.dispatcher().client_left(exchange);
}

void Connection::on_disconnect(bool at_once) {
    keep_alive_ = false;
    if (!at_once) return;
    reset_ = true;
    failed_ = true;
    frontend_.schedule(*this);
}

void Connection::on_bind(WorkerLink* link) {
    if (link == nullptr) {
        WorkerLink* const old = frontend_.dispatcher().find_link(bound_worker_);
        bound_worker_ = 0;
        if (old == nullptr) return;
        old->bound_connections.erase(id());
        frontend_.dispatcher().unbound(*old);
        return;
    }
    bound_worker_ = link->worker_id();
    link->bound_connections.insert(id());
}

void Connection::log_error(unsigned status, http::ErrorReason reason, const http1::RequestHead* head) {
    ErrorLine line;
    line.client = endpoints_.remote_address;
    line.client_port = endpoints_.remote_port;
    line.server = endpoints_.local_address;
    line.server_port = endpoints_.local_port;
    if (head != nullptr) {
        line.method = head->method_token();
        line.url = head->target();
    } else if (exchange_ != nullptr) {
        line.method = exchange_->view().method();
        line.url = exchange_->view().raw_target();
    }
    if (exchange_ != nullptr) {
        line.pool_id = exchange_->application->pool_id;
        line.pool = frontend_.dispatcher().pool_name(line.pool_id);
    }
    const auto version = head != nullptr ? head->version() : version_;
    if (!line.url.empty()) line.version = version == http1::Version::Http11 ? "HTTP/1.1" : "HTTP/1.0";
    line.status = status;
    line.site_id = site_id_;
    line.reason = reason;
    line.request_id = std::string_view(request_id_.data(), request_id_[0] == 0 ? 0 : request_id_.size());
    frontend_.error_log().write(line);
}

}  // namespace osmia::listener
