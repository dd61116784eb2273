#include "listener/frontend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <limits>

#include "listener/http2_connection.h"
#include "listener/proxy_greeting.h"
#include "listener/tls_layer.h"

namespace osmia::listener {

namespace {

/// Connections accepted from one socket in one turn; the rest waits for the next.
constexpr int AcceptBatch = 64;

/// Descriptors kept for logs, workers' channels and files that are being sent.
constexpr std::size_t OtherDescriptors = 1024;

std::size_t connections_within_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<std::size_t>::max();
    return limit.rlim_cur > 2 * OtherDescriptors ? limit.rlim_cur - OtherDescriptors : limit.rlim_cur / 2;
}

void describe(const sockaddr_storage& address, std::string& text, std::uint16_t& port) {
    char buffer[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, buffer, sizeof buffer);
        port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, buffer, sizeof buffer);
        port = ntohs(v6.sin6_port);
    }
    text = buffer;
}

Endpoints endpoints_of(int fd, const sockaddr_storage& peer, std::uint32_t socket_id) {
    Endpoints endpoints;
    endpoints.socket_id = socket_id;
    endpoints.is_unix = peer.ss_family == AF_UNIX;
    describe(peer, endpoints.remote_address, endpoints.remote_port);
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) == 0) {
        describe(local, endpoints.local_address, endpoints.local_port);
    }
    return endpoints;
}

}  // namespace

class Frontend::ListeningSocket final : public IoHandler {
public:
    ListeningSocket(std::uint32_t socket_id, UniqueFd socket, Frontend& owner) : id(socket_id), fd(std::move(socket)), frontend(owner) {}
    void on_io(std::uint32_t) override {
        if (!closed) frontend.accept_from(*this);
    }
    std::uint32_t id;
    UniqueFd fd;
    Frontend& frontend;
    bool closed = false;
};

Frontend::Frontend(Reactor& reactor, Dispatcher& dispatcher, LogFiles& logs, Traffic& traffic)
    : reactor_(reactor), dispatcher_(dispatcher), certificates_(monotonic_us() / 1'000'000), traffic_(traffic), error_log_(logs, traffic), file_reader_(reactor, *this),
      throttle_(reactor, [this](std::uint64_t id) { on_file_read(id); }),
      descriptor_limit_(connections_within_limit()) {
    dispatcher_.on_bindings_lost = [this](const std::unordered_set<std::uint64_t>& ids) {
        for (const std::uint64_t id : ids) {
            if (const auto found = connections_.find(id); found != connections_.end()) found->second->on_binding_lost();
        }
    };
}
Frontend::~Frontend() = default;

void Frontend::set_limits(const wire::ListenerLimits& limits) {
    limits_ = limits;
    throttle_.set_global(limits.max_bandwidth);
    head_limits_.request_line_bytes = limits.max_request_line;
    head_limits_.field_section_bytes = limits.max_header_bytes;
    head_limits_.field_bytes = limits.max_header_bytes;
    head_limits_.field_count = std::min<std::uint32_t>(limits.max_header_fields, http::MaxFieldCount);
    parser_ = http1::RequestParser(head_limits_);
}

void Frontend::set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    throttle_.set_snapshot(*snapshot_);
}

void Frontend::add_socket(const wire::ListenSocket& message, UniqueFd fd) {
    if (draining_ || sockets_.count(message.socket_id) != 0) return;
    auto socket = std::make_unique<ListeningSocket>(message.socket_id, std::move(fd), *this);
    reactor_.add(socket->fd, socket.get(), EPOLLIN);
    sockets_[message.socket_id] = std::move(socket);
}

void Frontend::close_socket(std::uint32_t socket_id) {
    const auto found = sockets_.find(socket_id);
    if (found == sockets_.end()) return;
    reactor_.remove(found->second->fd);
    found->second->closed = true;
    found->second->fd.reset();
    reactor_.retire(std::move(found->second));
    sockets_.erase(found);
}

void Frontend::accept_from(ListeningSocket& socket) {
    for (int i = 0; i < AcceptBatch; ++i) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        UniqueFd fd(::accept4(socket.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd) return;
        if (connections_.size() >= std::min<std::size_t>(limits_.max_connections, descriptor_limit_)) {
            report(endpoints_of(fd.get(), peer, socket.id), http::ErrorReason::ConnectionsRefused);  // closed at once: the newest goes
            continue;
        }
        if (peer.ss_family != AF_UNIX) {
            const int on = 1;
            ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        auto endpoints = endpoints_of(fd.get(), peer, socket.id);
        welcome(std::move(fd), std::move(endpoints));
    }
}

void Frontend::welcome(UniqueFd fd, Endpoints endpoints) {
    if (snapshot_ == nullptr || !snapshot_->proxies(endpoints.socket_id).wants_header()) {
        return open_connection(std::move(fd), std::move(endpoints));
    }
    if (!snapshot_->proxies(endpoints.socket_id).trusts(endpoints.remote_address)) return report(endpoints, http::ErrorReason::Forbidden);
    const std::uint64_t id = next_connection_++;
    connections_[id] = std::make_unique<ProxyGreeting>(std::move(fd), std::move(endpoints), id, *this);
}

void Frontend::open_connection(UniqueFd fd, Endpoints endpoints) {
    const std::uint64_t id = next_connection_++;
    const std::uint32_t socket_id = endpoints.socket_id;
    const bool is_tls = snapshot_ != nullptr && snapshot_->is_tls(socket_id);
    auto tls = is_tls ? std::make_unique<TlsLayer>(fd, socket_id, *this) : nullptr;
    connections_[id] = std::make_unique<Connection>(Transport(std::move(fd), std::move(tls)), std::move(endpoints), id, *this);
}

std::shared_ptr<const tls::ServerContext> Frontend::choose_certificate(std::uint32_t socket_id, std::string_view server_name) const {
    return snapshot_ == nullptr ? nullptr : certificates_.find(snapshot_->find_certificate(socket_id, server_name));
}

void Frontend::report(const Endpoints& endpoints, http::ErrorReason reason) {
    ErrorLine line;
    line.client = endpoints.remote_address;
    line.client_port = endpoints.remote_port;
    line.server = endpoints.local_address;
    line.server_port = endpoints.local_port;
    line.reason = reason;
    error_log_.write(line);
}

void Frontend::schedule(ClientConnection& connection) {
    if (connection.is_scheduled) return;
    connection.is_scheduled = true;
    scheduled_.push_back(connection.id());
}

void Frontend::on_file_read(std::uint64_t connection_id) {
    const auto found = connections_.find(connection_id);
    if (found != connections_.end()) found->second->on_output_may_go_on();
}

bool Frontend::run_turn() {
    if (scheduled_.empty()) return false;
    auto scheduled = std::move(scheduled_);
    scheduled_.clear();
    for (const std::uint64_t id : scheduled) {
        const auto found = connections_.find(id);
        if (found == connections_.end()) continue;
        found->second->is_scheduled = false;
        found->second->advance();
    }
    return true;
}

void Frontend::remove(ClientConnection& connection) {
    const auto found = connections_.find(connection.id());
    if (found == connections_.end()) return;
    reactor_.retire(std::move(found->second));
    connections_.erase(found);
}

void Frontend::continue_as_http2(ClientConnection& connection, Transport transport, Endpoints endpoints, std::string received) {
    const auto found = connections_.find(connection.id());
    auto old = std::exchange(found->second, std::make_unique<Http2Connection>(std::move(transport), std::move(endpoints), connection.id(), *this, std::move(received)));
    reactor_.retire(std::move(old));
    if (draining_) found->second->drain(true);
}

void Frontend::set_site_state(std::uint32_t site_id, wire::ServiceState state) { site_states_[site_id] = state; }

bool Frontend::is_site_started(const Site& site) const {
    const auto found = site_states_.find(site.settings.site_id);
    return (found == site_states_.end() ? site.settings.state : found->second) == wire::ServiceState::Started;
}

void Frontend::drain(bool patiently) {
    draining_ = true;
    while (!sockets_.empty()) close_socket(sockets_.begin()->first);
    std::vector<ClientConnection*> connections;
    for (auto& [id, connection] : connections_) connections.push_back(connection.get());
    for (ClientConnection* connection : connections) connection->drain(patiently);
}

std::string_view Frontend::date() { return date_.at(::time(nullptr)); }

}  // namespace osmia::listener
