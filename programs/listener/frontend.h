/// \file
/// The frontend: listening sockets and the connections they yield.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <unordered_map>
#include <vector>

#include "http/date.h"
#include "listener/certificate_store.h"
#include "listener/connection.h"
#include "listener/dispatcher.h"
#include "listener/error_log.h"
#include "listener/file_reader.h"
#include "listener/throttle.h"

namespace osmia::listener {

/// Shared by all connections of one reactor. Owns sockets and connections. Reactor's thread only.
class Frontend final : public FileReaderEvents {
public:
    Frontend(Reactor& reactor, Dispatcher& dispatcher, LogFiles& logs, Traffic& traffic);
    ~Frontend() override;

    void add_socket(const wire::ListenSocket& message, UniqueFd fd);
    void close_socket(std::uint32_t socket_id);
    void set_limits(const wire::ListenerLimits& limits);
    void set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot);
    void set_site_state(std::uint32_t site_id, wire::ServiceState state);
    bool is_site_started(const Site& site) const;
    /// Accepts nothing more; connections close as Connection::drain() says.
    void drain(bool patiently);
    std::size_t connection_count() const { return connections_.size(); }
    std::uint64_t request_count() const { return requests_; }

    /// Runs the connections that asked for it. True when there were any.
    bool run_turn();

    // For connections.
    CertificateStore& certificates() { return certificates_; }
    /// The context for a TLS client that asked for \a server_name (empty: for none); null: refuse it.
    std::shared_ptr<const tls::ServerContext> choose_certificate(std::uint32_t socket_id, std::string_view server_name) const;
    Reactor& reactor() { return reactor_; }
    Dispatcher& dispatcher() { return dispatcher_; }
    const wire::ListenerLimits& limits() const { return limits_; }
    const std::shared_ptr<const RoutingSnapshot>& snapshot() const { return snapshot_; }
    http1::RequestParser& parser() { return parser_; }
    const http::HeadLimits& head_limits() const { return head_limits_; }
    std::string_view date();
    ErrorLog& error_log() { return error_log_; }
    Traffic& traffic() { return traffic_; }
    Throttle& throttle() { return throttle_; }
    FileReader& file_reader() { return file_reader_; }
    void on_file_read(std::uint64_t connection_id) override;
    void schedule(ClientConnection& connection);
    void remove(ClientConnection& connection);
    /// Speaks HTTP (or TLS) with whoever \a endpoints say.
    void open_connection(UniqueFd fd, Endpoints endpoints);
    /// A line of HTTPERR for a connection that never had a request.
    void report(const Endpoints& endpoints, http::ErrorReason reason);
    /// The connection turned out to speak HTTP/2: another object goes on with it. \a received is what was read of it.
    void continue_as_http2(ClientConnection& connection, Transport transport, Endpoints endpoints, std::string received);
    void count_request() { ++requests_; }
    std::string& head_buffer() { return head_buffer_; }

private:
    class ListeningSocket;

    void accept_from(ListeningSocket& socket);
    void welcome(UniqueFd fd, Endpoints endpoints);

    Reactor& reactor_;
    Dispatcher& dispatcher_;
    CertificateStore certificates_;
    wire::ListenerLimits limits_;
    http::HeadLimits head_limits_;
    http1::RequestParser parser_;
    std::shared_ptr<const RoutingSnapshot> snapshot_;
    std::unordered_map<std::uint32_t, wire::ServiceState> site_states_;
    std::unordered_map<std::uint32_t, std::unique_ptr<ListeningSocket>> sockets_;
    std::unordered_map<std::uint64_t, std::unique_ptr<ClientConnection>> connections_;
    std::vector<std::uint64_t> scheduled_;
    http::DateCache date_;
    Traffic& traffic_;
    ErrorLog error_log_;
    FileReader file_reader_;
    Throttle throttle_;
    std::string head_buffer_;
    std::size_t descriptor_limit_;  ///< connections that leave room for other descriptors
    std::uint64_t next_connection_ = 1;
    std::uint64_t requests_ = 0;
    bool draining_ = false;
};

}  // namespace osmia::listener
