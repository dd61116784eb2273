#include "listener/connection.h"

#include <sys/epoll.h>

#include <algorithm>

#include "listener/frontend.h"

namespace osmia::listener {

Connection::Connection(Transport transport, Endpoints endpoints, std::uint64_t id, Frontend& frontend)
    : ClientConnection(id), transport_(std::move(transport)), frontend_(frontend), endpoints_(std::move(endpoints)),
      idle_timeout_ms_(frontend.limits().idle_timeout_ms) {
    frontend_.reactor().add(transport_.fd(), this, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    wait_for(transport_.tls() == nullptr ? Wait::Idle : Wait::Handshake);
}

Connection::~Connection() { detach_exchange(); }

void Connection::on_io(std::uint32_t events) {
    if (phase_ == Phase::Closed) return;
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
    if ((events & EPOLLRDHUP) != 0) fin_behind_ = true;
    if ((events & EPOLLOUT) != 0) writable_ = true;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) failed_ = true;
    if (readable_ || failed_ || blocked_ || transport_.has_unflushed()) frontend_.schedule(*this);
}

void Connection::advance() {
    if (failed_) return close();
    if (writable_ && transport_.has_unflushed()) failed_ = transport_.flush() == IoState::Failed;
    if (blocked_ && writable_ && !is_held_back_) {
        flush_output();
        if (!blocked_ && exchange_ != nullptr) frontend_.dispatcher().resume(*exchange_);
    }
    for (bool more = true; more && phase_ != Phase::Closed;) {
        if (failed_) return close();
        switch (phase_) {
            case Phase::Head: more = take_head(); break;
            case Phase::ReadAhead: more = collect_read_ahead(); break;
            case Phase::Answer:
                supply_body();
                more = complete_response();
                break;
            case Phase::Drain: more = drain_body(); break;
            case Phase::Linger: linger(); more = false; break;
            case Phase::Closed: more = false; break;
        }
    }
    if (failed_) close();
}

bool Connection::complete_response() {
    if (!response_over_ || blocked_ || !out_.empty()) return false;
    transmission_.end(frontend_.dispatcher(), false);
    if (!keep_alive_) {
        start_linger();
    } else if (!body_is_complete()) {
        phase_ = Phase::Drain;
        drained_ = 0;
        pending_body_.clear();
        wait_for(Wait::Linger);
    } else {
        next_request();
    }
    return true;
}

void Connection::next_request() {
    decoder_.reset();
    pending_body_ = std::string();
    head_sent_ = response_over_ = expects_continue_ = continue_sent_ = false;
    request_id_ = {};
    site_id_ = 0;
    informational_ = 0;
    phase_ = Phase::Head;
    if (binding_lost_) return start_linger();
    if (draining_ && !drains_patiently_ && input().empty()) return start_linger();
    if (input().empty() && !readable_) {
        out_.release_memory();
        if (in_.capacity() > 1024) in_ = std::string();
        wait_for(Wait::Unsent);
    }
}

/// A bound connection ends with the first answer after its worker was told to go.
bool Connection::bound_worker_leaves() const {
    if (bound_worker_ == 0) return false;
    const WorkerLink* const link = frontend_.dispatcher().find_link(bound_worker_);
    return link == nullptr || link->retired;
}

void Connection::on_binding_lost() {
    binding_lost_ = true;
    keep_alive_ = false;
    if (phase_ == Phase::Head && input().empty()) close();
}

void Connection::on_output_may_go_on() {
    is_held_back_ = false;
    writable_ = true;
    frontend_.schedule(*this);
}

void Connection::drain(bool patiently) {
    draining_ = true;
    drains_patiently_ = patiently;
    if (patiently) return;
    keep_alive_ = false;
    if (phase_ == Phase::Head && input().empty()) close();
}

/// No further request will come: the worker need not wait for one.
void Connection::end_binding() {
    if (bound_worker_ == 0) return;
    WorkerLink* const link = frontend_.dispatcher().find_link(std::exchange(bound_worker_, 0));
    if (link == nullptr) return;
    link->send_connection_closed(id());
    frontend_.dispatcher().unbound(*link);
}

// What lies behind the current request would be lost with the connection.
bool Connection::is_last_answer() const {
    if (!draining_) return false;
    return !drains_patiently_ || (input().empty() && !readable_);
}

void Connection::start_linger() {
    end_binding();
    transport_.shutdown_write();
    if (half_closed_) return close();
    phase_ = Phase::Linger;
    drained_ = 0;
    in_ = std::string();
    in_used_ = 0;
    wait_for(Wait::Linger);
}

void Connection::close() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Closed;
    timer_.disarm();
    if (exchange_ != nullptr && !exchange_->reached_worker && !reset_) log_error(0, http::ErrorReason::ClientReset);
    detach_exchange();
    transmission_.end(frontend_.dispatcher(), true);
    end_binding();
    frontend_.traffic().leave_seat(seat_);
    frontend_.reactor().remove(transport_.fd());
    transport_.close(reset_);
    frontend_.remove(*this);
}

void Connection::wait_for(Wait what) {
    if (what == wait_) {
        if (what != Wait::Idle && what != Wait::Unsent) return;  // the time already runs
    }
    wait_ = what;
    const auto& limits = frontend_.limits();
    std::uint32_t limit_ms = 0;
    switch (what) {
        case Wait::None: timer_.disarm(); return;
        case Wait::Idle: limit_ms = idle_timeout_ms_; break;
        case Wait::Unsent:
            limit_ms = std::min(limits.body_grace_ms, idle_timeout_ms_);
            unsent_at_wait_ = 0;
            break;
        case Wait::Handshake:
        case Wait::Head: limit_ms = limits.header_timeout_ms; break;
        case Wait::Client: limit_ms = limits.body_grace_ms; moved_bytes_ = 0; unsent_at_wait_ = transport_.unsent_bytes(); break;
        case Wait::Linger: limit_ms = limits.drain_body_ms; break;
    }
    frontend_.reactor().arm<&Connection::on_timer>(timer_, this, std::chrono::milliseconds(limit_ms));
}

void Connection::on_timer() {
    const Wait expired = wait_;
    wait_ = Wait::None;
    switch (expired) {
        case Wait::None: break;
        case Wait::Unsent: on_idle_or_unsent(); break;
        case Wait::Idle:
            log_error(0, http::ErrorReason::TimerConnectionIdle);
            close();
            break;
        case Wait::Linger: close(); break;
        case Wait::Handshake:
            log_error(0, http::ErrorReason::TimerHeaderWait);
            close();
            break;
        case Wait::Head: refuse(408, http::ErrorReason::TimerHeaderWait, parser_ == nullptr ? nullptr : &parser_->request()); break;
        case Wait::Client: on_slow_client(); break;
    }
}

/// Nothing came for a while after an answer. What of it is still in the kernel goes at the same rate as any answer;
/// then the connection is idle for the rest of its time.
void Connection::on_idle_or_unsent() {
    const auto& limits = frontend_.limits();
    const std::uint64_t unsent = transport_.unsent_bytes();
    const std::uint64_t before = std::exchange(unsent_at_wait_, unsent);
    const std::uint64_t moved = before - std::min(before, unsent);
    if (unsent != 0 && before != 0 && moved * 1000 < std::uint64_t{limits.min_bytes_per_second} * limits.body_grace_ms) {
        log_error(0, http::ErrorReason::TimerMinBytesPerSecond);
        reset_ = true;
        return close();
    }
    const std::uint32_t spent = std::min(limits.body_grace_ms, idle_timeout_ms_);
    wait_ = unsent == 0 ? Wait::Idle : Wait::Unsent;
    const std::uint32_t rest = unsent == 0 ? idle_timeout_ms_ - spent : limits.body_grace_ms;
    frontend_.reactor().arm<&Connection::on_timer>(timer_, this, std::chrono::milliseconds(rest));
}

void Connection::on_slow_client() {
    const auto& limits = frontend_.limits();
    const std::uint64_t handed_over = unsent_at_wait_ + moved_bytes_;
    const std::uint64_t moved = handed_over - std::min(handed_over, transport_.unsent_bytes());
    if (moved * 1000 >= std::uint64_t{limits.min_bytes_per_second} * limits.body_grace_ms) return wait_for(Wait::Client);
    if (!head_sent_ && !blocked_ && !response_over_) {
        return refuse(408, http::ErrorReason::TimerEntityBody);
    }
    log_error(0, http::ErrorReason::TimerMinBytesPerSecond);
    reset_ = true;
    close();
}

}  // namespace osmia::listener
