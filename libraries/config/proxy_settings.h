/// \file
/// system.osmia/proxies.
#pragma once

#include "config/server_configuration.h"
#include "config/typed_reading.h"

namespace osmia::config {

/// Fills configuration.proxies. A binding that no site has is a warning, an address that is none an error.
void read_proxies(const SectionSet& sections, ServerConfiguration& configuration, const TypedReport& report);

}  // namespace osmia::config
