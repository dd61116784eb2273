/// \file
/// One entry of system.osmia/proxies.
#pragma once

#include <string>
#include <vector>

namespace osmia::config {

/// system.osmia/proxies: who may speak for a client on the socket of a binding.
struct ProxySettings {
    std::string binding;               ///< as format_binding_information() writes it
    std::vector<std::string> trusted;  ///< ADDRESS or ADDRESS/BITS, valid
    bool proxy_protocol = false;
    bool forwarded_for = false;

    bool operator==(const ProxySettings&) const = default;
};

}  // namespace osmia::config
