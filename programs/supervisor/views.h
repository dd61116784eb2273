/// \file
/// The JSON that `osmia status` and `osmia list` show: lower camel case, arrays of flat objects. A contract: fields are
/// added, never renamed or removed.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "supervisor/server.h"

namespace osmia::supervisor {

/// Milliseconds since the epoch as "2026-11-22T08:30:25Z".
std::string iso_time(std::uint64_t milliseconds);

nlohmann::ordered_json status_view(const Server& server, const wire::ListenerCounters& counters);
nlohmann::ordered_json sites_view(const Server& server, const wire::ListenerCounters& counters);
nlohmann::ordered_json apps_view(const Server& server);
nlohmann::ordered_json vdirs_view(const Server& server);
nlohmann::ordered_json pools_view(const Server& server, const wire::ListenerCounters& counters);
nlohmann::ordered_json workers_view(const Server& server);
nlohmann::ordered_json requests_view(const Server& server, const std::vector<wire::ListedRequest>& requests);
nlohmann::ordered_json certificates_view(const Server& server, const std::vector<wire::ListedCertificate>& certificates);
nlohmann::ordered_json modules_view(const Server& server);
nlohmann::ordered_json extensions_view(const Server& server);

}  // namespace osmia::supervisor
