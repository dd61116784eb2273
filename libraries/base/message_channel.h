/// \file
/// MessageChannel: one control socket on an event loop, with a queue for what the peer has no room for yet.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/event_loop.h"
#include "base/message_socket.h"
#include "base/result.h"

namespace osmia {

/// The most bytes that wait for a peer that does not read; a peer beyond it is treated as gone.
inline constexpr std::size_t MaxQueuedMessageBytes = 64 << 20;

/// Sends and receives whole messages without ever blocking. One thread, the loop's; the loop must outlive it. Owns the
/// socket. A callback may destroy the channel.
class MessageChannel {
public:
    using OnMessage = std::function<void(ReceivedMessage message)>;
    /// Called once, when the peer has gone or broke the socket's rules; nothing is received after it.
    using OnClosed = std::function<void(const Error& reason)>;

    MessageChannel(EventLoop& loop, UniqueFd socket, OnMessage on_message, OnClosed on_closed,
                   std::size_t queue_limit = MaxQueuedMessageBytes);
    ~MessageChannel();
    MessageChannel(const MessageChannel&) = delete;
    MessageChannel& operator=(const MessageChannel&) = delete;

    /// Sends \a bytes, or queues them with copies of \a fds. Messages arrive in the order of the calls. A failure is
    /// reported through on_closed from the loop, never from within this call.
    void send(std::span<const std::byte> bytes, std::span<const int> fds = {});
    /// True when everything given to send() is with the kernel.
    bool flushed() const { return queue_.empty(); }
    BorrowedFd socket() const { return socket_; }

private:
    struct Queued {
        std::vector<std::byte> bytes;
        std::vector<UniqueFd> fds;
    };

    void on_events(std::uint32_t events);
    void receive_all();
    void flush();
    void enqueue(std::span<const std::byte> bytes, std::span<const int> fds);
    void close_with(Error reason);
    void fail_later(Error reason);
    void watch();

    EventLoop& loop_;
    UniqueFd socket_;
    std::shared_ptr<OnMessage> on_message_;  // last owner: a callback in progress
    OnClosed on_closed_;
    std::size_t queue_limit_;
    std::size_t queued_bytes_ = 0;
    std::deque<Queued> queue_;
    EventLoop::TimerId failure_timer_ = 0;
    bool closed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // last owner: a callback in progress
};

}  // namespace osmia
