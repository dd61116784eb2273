/// \file
/// Proxies in front of a listening socket, and whom they speak for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/network_prefix.h"
#include "wire/request_head.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// What the configuration says of one socket; part of a snapshot, never changed.
class ProxyRules {
public:
    ProxyRules() = default;
    explicit ProxyRules(const wire::SnapshotProxy& message);

    /// Every connection begins with a PROXY header.
    bool wants_header() const { return wants_header_; }
    bool trusts(std::string_view address) const;
    /// The client's address by X-Forwarded-For: the last one that is not a trusted proxy's, if \a peer is one. Empty: the
    /// peer is the client, or the field makes no sense.
    std::string client_of(std::string_view peer, std::span<const wire::RequestDescription::Header> headers) const;

private:
    bool wants_header_ = false;
    bool reads_forwarded_for_ = false;
    std::vector<NetworkPrefix> trusted_;
};

}  // namespace osmia::listener
