#include "listener/http2_connection.h"

#include <sys/epoll.h>

#include <algorithm>

#include "listener/frontend.h"

namespace osmia::listener {

namespace {

/// Frames gathered for one write.
constexpr std::size_t WriteStep = 64 * 1024;
/// What one connection reads and writes in a turn before the others have theirs.
constexpr std::size_t TurnBytes = 512 * 1024;
/// A client that does not answer the announcement of the end loses what it opened meanwhile.
constexpr std::chrono::milliseconds EndPatience{1000};

http2::Limits limits_of(const Frontend& frontend) {
    http2::Limits limits;
    limits.head = frontend.head_limits();
    return limits;
}

}  // namespace

Http2Connection::Http2Connection(Transport transport, Endpoints endpoints, std::uint64_t id, Frontend& frontend, std::string received)
    : ClientConnection(id),
      transport_(std::move(transport)),
      endpoints_(std::move(endpoints)),
      frontend_(frontend),
      session_(limits_of(frontend), *this),
      received_(std::move(received)),
      idle_timeout_ms_(frontend.limits().idle_timeout_ms) {
    frontend_.reactor().modify(transport_.fd(), this, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    readable_ = true;
    wait_for(Wait::Idle);
    schedule();
}

Http2Connection::~Http2Connection() {
    streams_.clear();
    ended_.clear();
}

void Http2Connection::schedule() {
    if (!closed_) frontend_.schedule(*this);
}

void Http2Connection::on_io(std::uint32_t events) {
    if (closed_) return;
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
    if ((events & EPOLLOUT) != 0) writable_ = true;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) failed_ = true;
    schedule();
}

void Http2Connection::advance() {
    if (closed_) return;
    if (lingers_) return discard_input();
    if (!failed_) read_socket();
    visit_streams();
    if (!failed_) write_socket();
    ended_.clear();
    if (!to_visit_.empty()) schedule();
    settle();
}

// Input ------------------------------------------------------------------------------------------------------------

void Http2Connection::receive(std::span<const char> bytes) {
    moved_bytes_ += bytes.size();
    if (!session_.receive(bytes, frontend_.reactor().now_us())) over_ = true;
}

void Http2Connection::read_socket() {
    if (!received_.empty()) receive(std::exchange(received_, {}));
    auto& scratch = frontend_.reactor().scratch();
    for (std::size_t turn = 0; readable_ && !over_;) {
        const IoResult got = transport_.read(scratch);
        if (got.state != IoState::Ok) {
            readable_ = false;
            // A client that ends its direction can send no window and no request: nothing more is to be done for it.
            failed_ = failed_ || got.state != IoState::Blocked;
            return;
        }
        receive(std::span(scratch).first(got.size));
        turn += got.size;
        if (turn >= TurnBytes) return schedule();
    }
}

Http2Stream* Http2Connection::find(http2::StreamId stream) {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Connection::on_request(http2::StreamId id, const http2::RequestHead& head, bool ends, bool too_large) {
    frontend_.count_request();
    auto& stream = streams_[id];
    stream = std::make_unique<Http2Stream>(*this, id);
    stream->begin(head, ends, too_large);
}

void Http2Connection::on_content(http2::StreamId id, std::string_view bytes) {
    if (Http2Stream* stream = find(id)) stream->take_content(bytes);
    else session_.consume(id, bytes.size());
}

void Http2Connection::on_request_end(http2::StreamId id) {
    if (Http2Stream* stream = find(id)) stream->end_request();
}

void Http2Connection::on_stream_closed(http2::StreamId id, std::uint32_t code) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    found->second->on_closed(code == 0);
    ended_.push_back(std::move(found->second));  // it may be what is being served right now
    streams_.erase(found);
}

// Output -----------------------------------------------------------------------------------------------------------

std::ptrdiff_t Http2Connection::read_content(http2::StreamId id, std::span<char> target, bool& ends) {
    Http2Stream* stream = find(id);
    return stream == nullptr ? -1 : stream->read_content(target, ends);
}

void Http2Connection::visit_streams() {
    const auto visited = std::exchange(to_visit_, {});
    for (const http2::StreamId id : visited) {
        if (Http2Stream* stream = find(id)) stream->unblock();
        if (Http2Stream* stream = find(id)) stream->supply();
    }
}

void Http2Connection::write_socket() {
    Throttle& throttle = frontend_.throttle();
    const std::uint64_t budget = throttle.is_active() ? throttle.share(seat) : ~std::uint64_t{0};
    for (std::size_t turn = 0;;) {
        while (out_.size() - sent_ < WriteStep) {
            const std::string_view frame = session_.produce();
            if (frame.empty()) break;
            out_.append(frame);
        }
        if (sent_ == out_.size()) break;
        if (!writable_ || held_back_) return;
        if (turn >= budget) {
            held_back_ = true;
            return throttle.wait(seat, id());
        }
        const iovec rest{out_.data() + sent_, std::min<std::size_t>(out_.size() - sent_, budget - turn)};
        const IoResult written = transport_.write(&rest, 1, false);
        if (written.state == IoState::Blocked) {
            writable_ = false;
            return;
        }
        if (written.state != IoState::Ok) return void(failed_ = true);
        sent_ += written.size;
        moved_bytes_ += written.size;
        if (throttle.is_active()) throttle.spend(seat, written.size);
        turn += written.size;
        if (sent_ >= WriteStep || sent_ == out_.size()) {
            out_.erase(0, sent_);
            sent_ = 0;
        }
        if (turn >= TurnBytes) return schedule();
    }
    if (out_.capacity() > 4 * WriteStep) out_ = std::string();
    const IoState state = transport_.flush();
    writable_ = writable_ && state != IoState::Blocked;
    failed_ = failed_ || state == IoState::Failed;
}

// The connection's own life ---------------------------------------------------------------------------------------

void Http2Connection::settle() {
    if (failed_) return close();
    const bool all_sent = sent_ == out_.size() && !transport_.has_unflushed();
    if (draining_ && !finishing_ && session_.end_was_seen()) return finish();
    if ((over_ || session_.is_over() || (finishing_ && streams_.empty())) && all_sent) {
        streams_.clear();
        transport_.shutdown_write();
        lingers_ = true;
        wait_for(Wait::Linger);
        return discard_input();
    }
    if (over_ || (finishing_ && streams_.empty())) return wait_for(Wait::Linger);
    if (session_.is_in_head()) return wait_for(Wait::Head);
    wait_for(streams_.empty() ? Wait::Idle : Wait::None);
}

void Http2Connection::discard_input() {
    auto& scratch = frontend_.reactor().scratch();
    for (std::size_t turn = 0; readable_ && turn < TurnBytes;) {
        const IoResult got = transport_.read(scratch);
        if (got.state == IoState::Blocked) readable_ = false;
        else if (got.state != IoState::Ok) return close();
        turn += got.size;
    }
    if (readable_) close();  // it has had its chance
}

void Http2Connection::wait_for(Wait what) {
    if (what == wait_ && what != Wait::None && (what != Wait::Idle || timer_.is_armed())) return;
    wait_ = what;
    const auto& limits = frontend_.limits();
    std::uint32_t limit_ms = 0;
    switch (what) {
        case Wait::None: return timer_.disarm();
        case Wait::Idle: limit_ms = idle_timeout_ms_; break;
        case Wait::Head: limit_ms = limits.header_timeout_ms; break;
        case Wait::Linger: limit_ms = limits.drain_body_ms; break;
    }
    frontend_.reactor().arm<&Http2Connection::on_timer>(timer_, this, std::chrono::milliseconds(limit_ms));
}

void Http2Connection::on_timer() {
    const Wait expired = std::exchange(wait_, Wait::None);
    if (expired == Wait::Linger) return close();
    // RFC 9113 section 6.8: in order where that is still possible.
    session_.fail(expired == Wait::Head ? http2::ErrorCode::EnhanceYourCalm : http2::ErrorCode::NoError);
    over_ = true;
    schedule();
}

void Http2Connection::drain(bool) {
    if (std::exchange(draining_, true)) return;
    session_.announce_end();
    frontend_.reactor().arm<&Http2Connection::on_end_patience>(end_timer_, this, EndPatience);
    schedule();
}

void Http2Connection::on_end_patience() {
    if (!finishing_) finish();
}

void Http2Connection::finish() {
    finishing_ = true;
    end_timer_.disarm();
    session_.finish_streams();
    schedule();
}

void Http2Connection::on_output_may_go_on() {
    held_back_ = false;
    for (auto& [id, stream] : streams_) stream->on_file_read();
    schedule();
}

void Http2Connection::close() {
    if (closed_) return;
    closed_ = true;
    timer_.disarm();
    end_timer_.disarm();
    streams_.clear();
    ended_.clear();
    if (bound_worker != 0) {
        if (WorkerLink* link = frontend_.dispatcher().find_link(bound_worker)) link->send_connection_closed(id());
    }
    frontend_.traffic().leave_seat(seat);
    frontend_.reactor().remove(transport_.fd());
    transport_.close(false);
    frontend_.remove(*this);
}

}  // namespace osmia::listener
