/// \file
/// The system.applicationHost and system.osmia elements of one pool's part, written from the typed configuration.
/// Internal to the library.
#pragma once

#include <string>

#include "config/server_configuration.h"

namespace osmia::config {

/// The pool, its sites with its applications (and, bare, those above them), its settings. No password.
std::string pool_part_elements(const ServerConfiguration& configuration, const PoolConfiguration& pool);

}  // namespace osmia::config
