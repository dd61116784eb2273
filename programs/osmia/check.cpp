#include "osmia/check.h"

#include <cstdio>

#include "config/certificate_files.h"
#include "config/server_configuration.h"
#include "osmia/exit_status.h"

namespace osmia::command {

int run_check(const std::string& configuration) {
    auto loaded = config::load_server_configuration(configuration);
    if (loaded.configuration) {
        const auto missing = config::check_certificates(*loaded.configuration);
        loaded.diagnostics.insert(loaded.diagnostics.end(), missing.begin(), missing.end());
        if (!missing.empty()) loaded.configuration.reset();
    }
    for (const auto& finding : loaded.diagnostics) std::fputs(config::format_diagnostic(finding).c_str(), stderr);
    if (!loaded.configuration) return Failed;
    std::printf("%s: %zu sites, %zu pools, no errors\n", configuration.c_str(), loaded.configuration->sites.size(),
                loaded.configuration->pools.size());
    return Done;
}

}  // namespace osmia::command
