#include "osmia/check.h"

#include <cstdio>

#include "config/server_configuration.h"
#include "osmia/exit_status.h"

namespace osmia::command {

int run_check(const std::string& configuration) {
    const auto loaded = config::load_server_configuration(configuration);
    for (const auto& finding : loaded.diagnostics) std::fputs(config::format_diagnostic(finding).c_str(), stderr);
    if (!loaded.configuration) return Failed;
    std::printf("%s: %zu sites, %zu pools, no errors\n", configuration.c_str(), loaded.configuration->sites.size(),
                loaded.configuration->pools.size());
    return Done;
}

}  // namespace osmia::command
