#include "listener/proxy_greeting.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

#include "listener/frontend.h"

namespace osmia::listener {

ProxyGreeting::ProxyGreeting(UniqueFd fd, Endpoints endpoints, std::uint64_t id, Frontend& frontend)
    : ClientConnection(id), fd_(std::move(fd)), frontend_(frontend), endpoints_(std::move(endpoints)) {
    frontend_.reactor().add(fd_, this, EPOLLIN | EPOLLRDHUP | EPOLLET);
    frontend_.reactor().arm<&ProxyGreeting::on_timer>(timer_, this, std::chrono::milliseconds(frontend_.limits().header_timeout_ms));
}

void ProxyGreeting::on_io(std::uint32_t) {
    if (!over_) frontend_.schedule(*this);
}

void ProxyGreeting::advance() {
    if (over_) return;
    auto& scratch = frontend_.reactor().scratch();
    // Looked at, not taken: what lies behind the header belongs to TLS or HTTP.
    const ssize_t size = ::recv(fd_.get(), scratch.data(), http1::MaxProxyHeader, MSG_DONTWAIT | MSG_PEEK);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return close();
    http1::ProxyHeader header;
    const auto state = http1::parse_proxy_header({scratch.data(), static_cast<std::size_t>(size)}, header);
    if (state == http1::ProxyState::Failed) return fail(http::ErrorReason::BadRequest);
    if (state == http1::ProxyState::NeedMore) return;
    if (::recv(fd_.get(), scratch.data(), header.size, MSG_DONTWAIT) != static_cast<ssize_t>(header.size)) return close();
    take_over(header);
}

void ProxyGreeting::take_over(const http1::ProxyHeader& header) {
    if (header.has_addresses) {
        endpoints_.remote_address = header.source_address;
        endpoints_.remote_port = header.source_port;
        endpoints_.local_address = header.destination_address;
        endpoints_.local_port = header.destination_port;
        endpoints_.is_unix = false;
    }
    over_ = true;
    timer_.disarm();
    frontend_.reactor().remove(fd_);
    Frontend& frontend = frontend_;
    UniqueFd fd = std::move(fd_);
    Endpoints endpoints = std::move(endpoints_);
    frontend.remove(*this);
    frontend.open_connection(std::move(fd), std::move(endpoints));
}

void ProxyGreeting::drain(bool patiently) {
    if (!patiently) close();
}

void ProxyGreeting::on_timer() { fail(http::ErrorReason::TimerHeaderWait); }

void ProxyGreeting::fail(http::ErrorReason reason) {
    frontend_.report(endpoints_, reason);
    close();
}

void ProxyGreeting::close() {
    if (over_) return;
    over_ = true;
    timer_.disarm();
    frontend_.reactor().remove(fd_);
    fd_.reset();
    frontend_.remove(*this);
}

}  // namespace osmia::listener
