/// \file
/// A configuration as the flat messages that a listener takes. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/server_configuration.h"
#include "supervisor/listen_plan.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::supervisor {

/// What a snapshot needs to know besides the configuration.
struct SnapshotNames {
    std::uint64_t serial = 0;
    std::function<std::uint32_t(const std::string& pool)> pool_id;
    std::function<wire::ServiceState(const std::string& pool)> pool_state;
    std::function<wire::ServiceState(std::uint32_t site_id)> site_state;
    std::function<std::uint32_t(std::uint32_t site_id, const std::string& path)> application_id;
    /// The socket of a plan's key; 0: not open (an optional one).
    std::function<std::uint32_t(const std::string& key)> socket_id;
    /// The certificate of an https binding; 0: none could be opened.
    std::function<std::uint32_t(const std::string& binding)> certificate_id;
    /// The port behind a binding: its own, or the one that the system chose.
    std::function<std::uint16_t(const config::Binding& binding)> port;
};

/// The machine-wide limits in the listener's units.
wire::ListenerLimits limits_of(const config::ServerConfiguration& configuration);

/// BeginSnapshot to CommitSnapshot.
std::vector<wire::SupervisorToListener> build_snapshot(const config::ServerConfiguration& configuration, const ListenPlan& plan,
                                                       const SnapshotNames& names);

/// A time for a field of milliseconds: at most what fits.
std::uint32_t to_milliseconds(std::chrono::milliseconds time);

}  // namespace osmia::supervisor
