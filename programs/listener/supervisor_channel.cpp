#include "listener/supervisor_channel.h"

#include <sys/epoll.h>

namespace osmia::listener {

SupervisorChannel::SupervisorChannel(UniqueFd socket, Reactor& reactor, SupervisorEvents& events)
    : socket_(std::move(socket)), reactor_(reactor), events_(events) {
    reactor_.add(socket_, this, EPOLLIN);
}

void SupervisorChannel::send(const wire::ListenerToSupervisor& message) {
    if (queue_.size() >= MaxQueuedMessages) return;
    queue_.push_back(wire::encode(message));
    if (queue_.size() == 1) flush();
}

void SupervisorChannel::flush() {
    while (!queue_.empty()) {
        const auto sent = send_message(socket_, queue_.front());
        if (!sent.ok() && sent.error().kind == ErrorKind::Busy) {
            reactor_.modify(socket_, this, EPOLLIN | EPOLLOUT);
            return;
        }
        queue_.pop_front();  // sent, or nobody will ever read it
    }
}

void SupervisorChannel::on_io(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        reactor_.modify(socket_, this, EPOLLIN);
        flush();
    }
    if ((events & ~EPOLLOUT) == 0) return;
    for (int messages = 0; messages < 256; ++messages) {
        auto received = wire::receive<wire::SupervisorToListener>(socket_);
        if (received.ok()) {
            events_.on_message(std::move(received).value());
        } else if (received.error().kind == ErrorKind::Busy) {
            return;
        } else if (received.error().kind != ErrorKind::Invalid) {
            reactor_.remove(socket_);
            events_.on_supervisor_gone();
            return;
        }
    }
}

}  // namespace osmia::listener
