#include "worker/wire_session.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "worker/channel.h"

namespace osmia::worker {

namespace {

/// A waiting thread looks again after this long even if no event came.
constexpr std::chrono::milliseconds RecheckInterval{200};
/// One copy step of a file that is sent as bytes.
constexpr std::size_t CopyBytes = 64 * 1024;

Error gone() {
    return make_error(ErrorKind::Closed, "the client has gone");
}

}  // namespace

std::unique_ptr<WireSession> WireSession::create(std::shared_ptr<Channel> channel, std::uint32_t slot) {
    const auto view = channel->end().request(slot);
    if (view) return std::unique_ptr<WireSession>(new WireSession(std::move(channel), slot, *view));
    channel->end().write(slot, wire::RecordKind::Done, 0, wire::encode_done_fields({}));
    channel->end().publish(slot);
    return nullptr;
}

WireSession::WireSession(std::shared_ptr<Channel> channel, std::uint32_t slot, const wire::RequestView& view)
    : channel_(std::move(channel)), slot_(slot), view_(view) {}

WireSession::~WireSession() {
    if (waiting_registered_) channel_->unregister_waiter(slot_);
}

void WireSession::mark_begun() {
    channel_->end().mark_begun(slot_);
}

bool WireSession::client_is_gone() const {
    return cut_ || channel_->is_closed() || channel_->end().client_is_gone(slot_);
}

std::uint64_t WireSession::listener() const {
    return channel_->number();
}

void WireSession::bind_connection() {
    (void)write_record(wire::RecordKind::BindConnection, 0, {}).ok();
}

std::size_t WireSession::body_available() const {
    return channel_->end().body_available(slot_);
}

// Nothing: there is nothing to read yet.
std::optional<Result<std::size_t>> WireSession::try_read(std::span<std::byte> target) {
    wire::WorkerEnd& end = channel_->end();
    // The state first: bytes that arrive with the end are seen by the look at the window that follows.
    const wire::BodyState state = end.body_state(slot_);
    if (end.body_available(slot_) > 0) {
        const std::size_t size = end.read_body(slot_, target);
        body_read_ += size;
        return size;
    }
    if (state == wire::BodyState::Complete) return std::size_t{0};
    if (state == wire::BodyState::Aborted || client_is_gone()) return gone();
    return std::nullopt;
}

void WireSession::start_waiting() {
    if (waiting_registered_) return;
    waiting_registered_ = true;
    channel_->register_waiter(slot_, this);
}

Result<std::size_t> WireSession::read_body(std::span<std::byte> target) {
    if (auto result = try_read(target)) return std::move(*result);
    start_waiting();
    wire::WorkerEnd& end = channel_->end();
    end.want_body(slot_, body_read_ + wire::BodyWindowBytes);
    end.set_waits_for_body(slot_, true);
    std::unique_lock lock(mutex_);
    for (;;) {
        const std::uint64_t before = events_;
        if (auto result = try_read(target)) {
            end.set_waits_for_body(slot_, false);
            return std::move(*result);
        }
        changed_.wait_for(lock, RecheckInterval, [&] { return events_ != before; });
    }
}

void WireSession::read_body_async(std::span<std::byte> target,
                                  std::function<void(Result<std::size_t>)> done) {
    start_waiting();
    {
        const std::lock_guard lock(mutex_);
        pending_read_ = PendingRead{target, std::move(done)};
    }
    wire::WorkerEnd& end = channel_->end();
    if (end.body_available(slot_) == 0 && end.body_state(slot_) == wire::BodyState::More) {
        end.want_body(slot_, body_read_ + wire::BodyWindowBytes);
    }
    end.set_waits_for_body(slot_, true);
    // What came before the listener could know that we wait; the channel thread may be quicker, then nothing
    // is pending.
    complete_pending_read();
}

void WireSession::complete_pending_read() {
    const std::lock_guard lock(mutex_);
    if (!pending_read_) return;
    auto result = try_read(pending_read_->target);
    if (!result) return;
    channel_->end().set_waits_for_body(slot_, false);
    channel_->client().post([done = std::move(pending_read_->done), outcome = std::move(*result)]() mutable {
        done(std::move(outcome));
    });
    pending_read_.reset();
}

bool WireSession::cancel_read() {
    const std::lock_guard lock(mutex_);
    if (!pending_read_) return false;
    channel_->end().set_waits_for_body(slot_, false);
    channel_->client().post([done = std::move(pending_read_->done)] { done(gone()); });
    pending_read_.reset();
    return true;
}

void WireSession::on_event() {
    {
        const std::lock_guard lock(mutex_);
        ++events_;
        changed_.notify_all();
    }
    complete_pending_read();
    complete_pending_send();
}

void WireSession::when_sent(std::function<void(Result<void>)> done) {
    {
        const std::lock_guard lock(write_mutex_);
        start_waiting();
        channel_->end().publish(slot_);
        const std::lock_guard pending_lock(mutex_);
        pending_send_ = PendingSend{channel_->end().mark(slot_), std::move(done)};
    }
    channel_->end().set_waits_for_sent(slot_, true);
    complete_pending_send();
}

void WireSession::complete_pending_send() {
    const std::lock_guard lock(mutex_);
    if (!pending_send_) return;
    const bool sent = channel_->end().is_sent(pending_send_->mark);
    if (!sent && !client_is_gone()) return;
    channel_->end().set_waits_for_sent(slot_, false);
    channel_->client().post([done = std::move(pending_send_->done), sent] { done(sent ? Result<void>() : gone()); });
    pending_send_.reset();
}

// Called with write_mutex_ held. Makes room for a record of \a bytes payload.
Result<void> WireSession::wait_for_space(std::size_t bytes) {
    wire::WorkerEnd& end = channel_->end();
    if (end.fits(slot_, bytes)) return {};
    start_waiting();
    end.publish(slot_);
    end.set_waits_for_space(slot_, true);
    Result<void> result;
    std::unique_lock lock(mutex_);
    for (;;) {
        const std::uint64_t before = events_;
        if (end.fits(slot_, bytes)) break;
        if (channel_->is_closed()) {
            result = gone();
            break;
        }
        changed_.wait_for(lock, RecheckInterval, [&] { return events_ != before; });
    }
    end.set_waits_for_space(slot_, false);
    return result;
}

Result<void> WireSession::write_record(wire::RecordKind kind, std::uint16_t flags,
                                       std::span<const std::byte> payload) {
    const std::lock_guard lock(write_mutex_);
    OSMIA_TRY_VOID(wait_for_space(payload.size()));
    channel_->end().write(slot_, kind, flags, payload);
    return {};
}

Result<void> WireSession::write_head(const wire::ResponseHead& head) {
    const auto bytes = wire::encode_response_head(head);
    if (bytes.size() > wire::MaxRecordPayload || head.fields.size() > wire::MaxResponseFields) {
        wire::ResponseHead refusal;
        refusal.status = 500;
        refusal.content_length = 0;
        OSMIA_TRY_VOID(write_record(wire::RecordKind::Head, 0, wire::encode_response_head(refusal)));
        return make_error(ErrorKind::Invalid, "the response head is too large");
    }
    return write_record(wire::RecordKind::Head, 0, bytes);
}

Result<void> WireSession::write_body(std::span<const std::byte> bytes) {
    const std::lock_guard lock(write_mutex_);
    while (!bytes.empty()) {
        if (client_is_gone()) return gone();
        // Small rests wait until they fit whole; large ones go in as many pieces as there is room for.
        OSMIA_TRY_VOID(wait_for_space(std::min(bytes.size(), CopyBytes)));
        const std::size_t size = std::min(bytes.size(), channel_->end().response_space(slot_));
        channel_->end().write(slot_, wire::RecordKind::Body, 0, bytes.first(size));
        bytes = bytes.subspan(size);
    }
    return {};
}

Result<void> WireSession::copy_file(int fd, std::uint64_t offset, std::uint64_t length) {
    std::vector<std::byte> buffer(std::min<std::uint64_t>(length, CopyBytes));
    while (length > 0) {
        const ssize_t got = ::pread(fd, buffer.data(), std::min<std::uint64_t>(length, buffer.size()),
                                    static_cast<off_t>(offset));
        if (got <= 0) return make_error(ErrorKind::System, "a file became shorter while it was sent");
        OSMIA_TRY_VOID(write_body(std::span(buffer).first(static_cast<std::size_t>(got))));
        offset += static_cast<std::uint64_t>(got);
        length -= static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> WireSession::write_file(int fd, std::uint64_t offset, std::uint64_t length) {
    {
        const std::lock_guard lock(write_mutex_);
        if (client_is_gone()) return gone();
        OSMIA_TRY_VOID(wait_for_space(sizeof(wire::FileRange)));
        const bool passed = channel_->files().with_number(fd, [&](FileTable::Number number) {
            const wire::FileRange range{number.id, number.generation, offset, length};
            channel_->end().write(slot_, wire::RecordKind::File, 0, std::as_bytes(std::span(&range, 1)));
            return channel_->end().mark(slot_);
        });
        if (passed) return {};
    }
    return copy_file(fd, offset, length);
}

void WireSession::flush() {
    if (ended_) return channel_->end().publish(slot_);
    if (!write_record(wire::RecordKind::Flush, 0, {}).ok()) return;
    channel_->end().publish(slot_);
}

// The remaining operations have nobody to tell of an error: it is the listener that has gone.
void WireSession::end(bool abort) {
    ended_ = true;
    (void)write_record(wire::RecordKind::End, abort ? wire::RecordAbort : std::uint16_t{0}, {}).ok();
}

void WireSession::disconnect(bool reset) {
    (void)write_record(wire::RecordKind::Disconnect, reset ? wire::RecordAbort : std::uint16_t{0}, {}).ok();
    if (!reset) return;
    channel_->end().publish(slot_);
    cut_ = true;
    on_event();
}

void WireSession::done(const wire::DoneFields& fields) {
    const bool written = write_record(wire::RecordKind::Done, 0, wire::encode_done_fields(fields)).ok();
    if (waiting_registered_) channel_->unregister_waiter(slot_);
    waiting_registered_ = false;
    if (written) channel_->end().publish(slot_);
}

}  // namespace osmia::worker
