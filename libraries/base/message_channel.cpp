#include "base/message_channel.h"

#include <fcntl.h>
#include <sys/epoll.h>

namespace osmia {

MessageChannel::MessageChannel(EventLoop& loop, UniqueFd socket, OnMessage on_message, OnClosed on_closed, std::size_t queue_limit)
    : loop_(loop),
      socket_(std::move(socket)),
      on_message_(std::make_shared<OnMessage>(std::move(on_message))),
      on_closed_(std::move(on_closed)),
      queue_limit_(queue_limit) {
    loop_.add(socket_, EPOLLIN, [this](std::uint32_t events) { on_events(events); });
}

MessageChannel::~MessageChannel() {
    *alive_ = false;
    if (failure_timer_ != 0) loop_.cancel(failure_timer_);
    if (!closed_) loop_.remove(socket_);
}

void MessageChannel::send(std::span<const std::byte> bytes, std::span<const int> fds) {
    if (closed_ || failure_timer_ != 0) return;
    if (!queue_.empty()) return enqueue(bytes, fds);
    const auto sent = send_message(socket_, bytes, fds);
    if (sent.ok()) return;
    if (sent.error().kind == ErrorKind::Busy) return enqueue(bytes, fds);
    fail_later(sent.error());
}

void MessageChannel::enqueue(std::span<const std::byte> bytes, std::span<const int> fds) {
    if (queued_bytes_ + bytes.size() > queue_limit_) return fail_later(make_error(ErrorKind::Busy, "the peer does not read its messages"));
    Queued item;
    item.bytes.assign(bytes.begin(), bytes.end());
    for (const int fd : fds) {
        item.fds.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
        if (!item.fds.back()) return fail_later(errno_error("a copy of a descriptor"));
    }
    queued_bytes_ += bytes.size();
    queue_.push_back(std::move(item));
    watch();
}

void MessageChannel::watch() {
    loop_.modify(socket_, queue_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void MessageChannel::flush() {
    while (!queue_.empty()) {
        const Queued& item = queue_.front();
        std::vector<int> fds;
        for (const UniqueFd& fd : item.fds) fds.push_back(fd.get());
        const auto sent = send_message(socket_, item.bytes, fds);
        if (!sent.ok() && sent.error().kind == ErrorKind::Busy) return;
        if (!sent.ok()) return fail_later(sent.error());
        queued_bytes_ -= item.bytes.size();
        queue_.pop_front();
    }
    watch();
}

void MessageChannel::on_events(std::uint32_t events) {
    const auto alive = alive_;
    if ((events & EPOLLOUT) != 0) flush();
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && *alive) receive_all();
}

void MessageChannel::receive_all() {
    // Bounded, so that one busy peer cannot keep the loop from the others.
    constexpr int MessagesPerTurn = 64;
    const auto alive = alive_;
    const auto on_message = on_message_;
    for (int i = 0; i < MessagesPerTurn && *alive && !closed_; ++i) {
        auto message = receive_message(socket_);
        if (message.ok()) {
            (*on_message)(std::move(message).value());
            continue;
        }
        if (message.error().kind != ErrorKind::Busy) close_with(message.error());
        return;
    }
}

void MessageChannel::fail_later(Error reason) {
    if (failure_timer_ != 0 || closed_) return;
    // What the peer wrote before it went is still delivered: on_events() reads it in the same turn of the loop.
    failure_timer_ = loop_.after({}, [this, reason = std::move(reason)] {
        failure_timer_ = 0;
        const auto alive = alive_;
        receive_all();
        if (*alive) close_with(reason);
    });
}

void MessageChannel::close_with(Error reason) {
    if (closed_) return;
    closed_ = true;
    loop_.remove(socket_);
    if (failure_timer_ != 0) loop_.cancel(std::exchange(failure_timer_, 0));
    const auto on_closed = std::move(on_closed_);
    on_closed(reason);
}

}  // namespace osmia
