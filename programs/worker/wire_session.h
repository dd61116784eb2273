/// \file
/// A request's session over the shared-memory channel.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "wire/worker_end.h"
#include "worker/request_session.h"

namespace osmia::worker {

class Channel;

/// RequestSession over one slot of a channel. Records become visible together: at flush(), at done(), and
/// when the window is full. A response that fits is one doorbell.
class WireSession final : public RequestSession {
public:
    /// Null for a slot whose head is malformed (never from an honest listener); the slot is given back.
    static std::unique_ptr<WireSession> create(std::shared_ptr<Channel> channel, std::uint32_t slot);
    ~WireSession() override;

    const wire::RequestView& request() const override { return view_; }
    void mark_begun() override;
    bool client_is_gone() const override;
    std::uint64_t listener() const override;
    void bind_connection() override;
    std::size_t body_available() const override;
    Result<std::size_t> read_body(std::span<std::byte> target) override;
    void read_body_async(std::span<std::byte> target, std::function<void(Result<std::size_t>)> done) override;
    bool cancel_read() override;
    Result<void> write_head(const wire::ResponseHead& head) override;
    Result<void> write_body(std::span<const std::byte> bytes) override;
    Result<void> write_file(int fd, std::uint64_t offset, std::uint64_t length) override;
    void flush() override;
    void when_sent(std::function<void(Result<void>)> done) override;
    void end(bool abort) override;
    void disconnect(bool reset) override;
    void done(const wire::DoneFields& fields) override;

    /// The listener has changed something about the slot. Called by the channel thread.
    void on_event();

private:
    struct PendingRead {
        std::span<std::byte> target;
        std::function<void(Result<std::size_t>)> done;
    };

    struct PendingSend {
        wire::WorkerEnd::WriteMark mark;
        std::function<void(Result<void>)> done;
    };

    WireSession(std::shared_ptr<Channel> channel, std::uint32_t slot, const wire::RequestView& view);
    std::optional<Result<std::size_t>> try_read(std::span<std::byte> target);
    void start_waiting();
    Result<void> wait_for_space(std::size_t bytes);
    Result<void> write_record(wire::RecordKind kind, std::uint16_t flags, std::span<const std::byte> payload);
    Result<void> copy_file(int fd, std::uint64_t offset, std::uint64_t length);
    void complete_pending_read();
    void complete_pending_send();

    std::shared_ptr<Channel> channel_;
    std::uint32_t slot_;
    wire::RequestView view_;
    std::uint64_t body_read_ = 0;
    bool waiting_registered_ = false;
    std::atomic<bool> cut_ = false;  ///< by disconnect(true): nothing is read or written any more
    bool ended_ = false;  ///< nothing but Done may be written
    std::mutex
        write_mutex_;  ///< records and windows: the pipeline's thread and an extension's may both write

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::uint64_t events_ = 0;
    std::optional<PendingRead> pending_read_;
    std::optional<PendingSend> pending_send_;
};

}  // namespace osmia::worker
