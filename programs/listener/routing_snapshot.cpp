#include "listener/routing_snapshot.h"

#include <algorithm>

namespace osmia::listener {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

bool is_path_prefix(std::string_view prefix, std::string_view path) {
    if (prefix == "/") return true;
    if (path.size() < prefix.size() || (path.size() > prefix.size() && path[prefix.size()] != '/')) return false;
    return std::equal(prefix.begin(), prefix.end(), path.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

const Application* Site::find_application(std::string_view path) const {
    for (const Application& application : applications) {
        if (is_path_prefix(application.path, path)) return &application;
    }
    return nullptr;
}

const ProxyRules& RoutingSnapshot::proxies(std::uint32_t socket_id) const {
    static const ProxyRules None;
    const auto socket = sockets_.find(socket_id);
    return socket == sockets_.end() ? None : socket->second.proxies;
}

const Site* RoutingSnapshot::site(std::uint32_t site_id) const {
    const auto found = sites_.find(site_id);
    return found == sites_.end() ? nullptr : &found->second;
}

const RoutingSnapshot::Route* RoutingSnapshot::find_route(std::uint32_t socket_id, std::string_view host) const {
    const auto socket = sockets_.find(socket_id);
    if (socket == sockets_.end()) return nullptr;
    const SocketRoutes& routes = socket->second;
    if (!routes.hosts.empty() || !routes.wildcard_hosts.empty()) {
        const std::string name = lowered(host);
        if (const auto exact = routes.hosts.find(name); exact != routes.hosts.end()) return &exact->second;
        for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
            const auto wildcard = routes.wildcard_hosts.find(name.substr(dot + 1));
            if (wildcard != routes.wildcard_hosts.end()) return &wildcard->second;
        }
    }
    if (routes.ip_route) return &*routes.ip_route;
    return routes.any_route ? &*routes.any_route : nullptr;
}

const Site* RoutingSnapshot::find_site(std::uint32_t socket_id, std::string_view host) const {
    const Route* route = find_route(socket_id, host);
    return route == nullptr ? nullptr : site(route->site_id);
}

bool RoutingSnapshot::is_tls(std::uint32_t socket_id) const {
    const auto socket = sockets_.find(socket_id);
    return socket != sockets_.end() && socket->second.is_tls;
}

std::uint32_t RoutingSnapshot::find_certificate(std::uint32_t socket_id, std::string_view server_name) const {
    const Route* route = find_route(socket_id, server_name);
    return route == nullptr ? 0 : route->certificate_id;
}

bool RoutingSnapshot::uses_certificate(std::uint32_t certificate_id) const { return certificates_.contains(certificate_id); }

void SnapshotBuilder::add(const wire::SnapshotBinding& binding) {
    auto& routes = snapshot_.sockets_[binding.socket_id];
    const RoutingSnapshot::Route route{binding.site_id, binding.certificate_id};
    routes.is_tls = routes.is_tls || binding.is_tls;
    if (binding.certificate_id != 0) snapshot_.certificates_.insert(binding.certificate_id);
    if (binding.host.starts_with("*.")) {
        routes.wildcard_hosts.emplace(lowered(std::string_view(binding.host).substr(2)), route);
    } else if (!binding.host.empty()) {
        routes.hosts.emplace(lowered(binding.host), route);
    } else if (binding.ip_bound) {
        routes.ip_route = route;
    } else {
        routes.any_route = route;
    }
}

void SnapshotBuilder::add(const wire::SnapshotApplication& message) {
    snapshot_.sites_[message.site_id].applications.push_back(
        Application{message.application_id, message.site_id, message.pool_id, message.path, message.execution_timeout_ms, message.replay});
}

std::shared_ptr<const RoutingSnapshot> SnapshotBuilder::commit() {
    for (auto& [id, site] : snapshot_.sites_) {
        std::sort(site.applications.begin(), site.applications.end(),
                  [](const Application& a, const Application& b) { return a.path.size() > b.path.size(); });
    }
    return std::make_shared<const RoutingSnapshot>(std::move(snapshot_));
}

}  // namespace osmia::listener
