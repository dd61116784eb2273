/// \file
/// Which sockets a configuration needs, and which binding comes in through which socket. Pure; opens nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/server_configuration.h"

namespace osmia::supervisor {

/// One listening socket. `key` is what it is known by across reloads and supervisors.
struct PlannedSocket {
    std::string key;       ///< "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", "[::]:80" or "unix:/path"
    std::string address;   ///< numeric address without brackets; empty for unix
    std::uint16_t port = 0;
    std::string unix_path;
    bool optional = false;    ///< the IPv6 half of "*": left out on a machine without IPv6
    bool share_port = false;  ///< the port is also bound with another address: both need SO_REUSEPORT
};

/// One way from a socket to a site.
struct PlannedBinding {
    std::uint32_t site_id = 0;
    std::string key;
    std::string host;
    bool ip_bound = false;
    bool is_https = false;
    std::string binding;  ///< its text, by which its certificate is known
};

struct ListenPlan {
    std::vector<PlannedSocket> sockets;
    std::vector<PlannedBinding> bindings;
};

/// Plans for every binding. "*" listens on the IPv4 and the IPv6 wildcard and is also reached through every other
/// socket of its port, because the kernel prefers the socket with the address.
ListenPlan plan_listening(const std::vector<config::SiteConfiguration>& sites);

/// How a binding is shown: "http://127.0.0.1:8080/", "https://www.example.org:443/", with \a port in place of 0.
std::string url_of(const config::Binding& binding, std::uint16_t port);

}  // namespace osmia::supervisor
