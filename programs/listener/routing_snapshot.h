/// \file
/// Routing: from (listening socket, host, path) to (site, application, pool), as http.sys does it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "listener/proxy_rules.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// One application as requests meet it.
struct Application {
    std::uint32_t id = 0;
    std::uint32_t site_id = 0;
    std::uint32_t pool_id = 0;
    std::string path;  ///< "/" or "/app"
    std::uint32_t execution_timeout_ms = 0;
    wire::ReplayPolicy replay = wire::ReplayPolicy::Safe;
};

struct Site {
    wire::SnapshotSite settings;
    std::vector<Application> applications;  ///< longest path first
    std::optional<wire::SnapshotLog> log;   ///< without: no access log

    /// The application whose path is the longest prefix of \a path in whole segments, without regard to ASCII letter
    /// case; null if the site has no root application.
    const Application* find_application(std::string_view path) const;
};

/// Everything routing needs, built from one snapshot of messages and never changed afterwards. Shared by the requests
/// that were routed with it.
class RoutingSnapshot {
public:
    /// The site for a request: exact host, then the longest "*.domain", then the binding of the socket's IP address, then
    /// the weak wildcard (http.sys's order). Null: answer 400, "Invalid Hostname".
    const Site* find_site(std::uint32_t socket_id, std::string_view host) const;
    /// True when the socket's bindings are https.
    bool is_tls(std::uint32_t socket_id) const;
    /// The certificate for the name that a TLS client asked for, in find_site()'s order; 0: no binding takes it.
    std::uint32_t find_certificate(std::uint32_t socket_id, std::string_view server_name) const;
    /// True when a binding names the certificate.
    bool uses_certificate(std::uint32_t certificate_id) const;
    const Site* site(std::uint32_t site_id) const;
    /// The proxies in front of a socket.
    const ProxyRules& proxies(std::uint32_t socket_id) const;
    const std::vector<wire::SnapshotPool>& pools() const { return pools_; }
    std::uint64_t serial() const { return serial_; }
    const std::unordered_map<std::uint32_t, Site>& sites() const { return sites_; }

private:
    friend class SnapshotBuilder;
    struct Route {
        std::uint32_t site_id = 0;
        std::uint32_t certificate_id = 0;
    };
    struct SocketRoutes {
        ProxyRules proxies;
        std::unordered_map<std::string, Route> hosts;
        std::unordered_map<std::string, Route> wildcard_hosts;  ///< key: "domain" of "*.domain"
        std::optional<Route> ip_route, any_route;
        bool is_tls = false;
    };
    const Route* find_route(std::uint32_t socket_id, std::string_view host) const;

    std::uint64_t serial_ = 0;
    std::unordered_map<std::uint32_t, Site> sites_;
    std::unordered_map<std::uint32_t, SocketRoutes> sockets_;
    std::vector<wire::SnapshotPool> pools_;
    std::unordered_set<std::uint32_t> certificates_;
};

/// Collects the messages between BeginSnapshot and CommitSnapshot.
class SnapshotBuilder {
public:
    explicit SnapshotBuilder(std::uint64_t serial) { snapshot_.serial_ = serial; }
    void add(const wire::SnapshotPool& pool) { snapshot_.pools_.push_back(pool); }
    void add(const wire::SnapshotSite& site) { snapshot_.sites_[site.site_id].settings = site; }
    void add(const wire::SnapshotLog& log) { snapshot_.sites_[log.site_id].log = log; }
    void add(const wire::SnapshotProxy& proxy) { snapshot_.sockets_[proxy.socket_id].proxies = ProxyRules(proxy); }
    void add(const wire::SnapshotBinding& binding);
    void add(const wire::SnapshotApplication& application);
    std::shared_ptr<const RoutingSnapshot> commit();

private:
    RoutingSnapshot snapshot_;
};

}  // namespace osmia::listener
