#include "supervisor/listen_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/binding_information.h"

namespace osmia::supervisor {

namespace {

std::string key_of(const std::string& address, std::uint16_t port) {
    return address.find(':') == std::string::npos ? fmt::format("{}:{}", address, port) : fmt::format("[{}]:{}", address, port);
}

PlannedSocket socket_for(const std::string& address, std::uint16_t port) {
    PlannedSocket socket;
    socket.key = key_of(address, port);
    socket.address = address;
    socket.port = port;
    return socket;
}

std::vector<PlannedSocket> sockets_of(const config::Binding& binding) {
    if (binding.is_unix()) {
        PlannedSocket socket;
        socket.key = "unix:" + binding.unix_path;
        socket.unix_path = binding.unix_path;
        return {socket};
    }
    if (binding.address != "*") return {socket_for(binding.address, binding.port)};
    PlannedSocket second = socket_for("::", binding.port);
    second.optional = true;
    return {socket_for("0.0.0.0", binding.port), second};
}

bool is_wildcard(const PlannedSocket& socket) { return socket.address == "0.0.0.0" || socket.address == "::"; }

void add_socket(std::vector<PlannedSocket>& sockets, PlannedSocket socket) {
    const auto same = [&](const PlannedSocket& one) { return one.key == socket.key; };
    if (std::none_of(sockets.begin(), sockets.end(), same)) sockets.push_back(std::move(socket));
}

void mark_shared_ports(std::vector<PlannedSocket>& sockets) {
    for (auto& one : sockets) {
        if (!one.unix_path.empty() || one.port == 0) continue;
        one.share_port = std::any_of(sockets.begin(), sockets.end(), [&](const PlannedSocket& other) {
            return other.unix_path.empty() && other.port == one.port && is_wildcard(other) != is_wildcard(one);
        });
    }
}

}  // namespace

ListenPlan plan_listening(const std::vector<config::SiteConfiguration>& sites) {
    ListenPlan plan;
    for (const auto& site : sites) {
        for (const auto& binding : site.bindings) {
            for (auto& socket : sockets_of(binding)) add_socket(plan.sockets, std::move(socket));
        }
    }
    mark_shared_ports(plan.sockets);
    for (const auto& site : sites) {
        for (const auto& binding : site.bindings) {
            const bool any_address = binding.address == "*" && !binding.is_unix();
            const auto own = sockets_of(binding);
            for (const auto& socket : plan.sockets) {
                const bool is_own = std::any_of(own.begin(), own.end(), [&](const PlannedSocket& one) { return one.key == socket.key; });
                const bool same_port = any_address && socket.unix_path.empty() && socket.port == binding.port && binding.port != 0;
                if (!is_own && !same_port) continue;
                plan.bindings.push_back({site.id, socket.key, binding.host, !any_address && !binding.is_unix(), binding.is_https(),
                                             config::format_binding_information(binding)});
            }
        }
    }
    return plan;
}

std::string url_of(const config::Binding& binding, std::uint16_t port) {
    if (binding.is_unix()) return "unix:" + binding.unix_path;
    const std::string& name = binding.host.empty() ? binding.address : binding.host;
    return fmt::format("{}://{}/", binding.protocol, key_of(name, port));
}

}  // namespace osmia::supervisor
