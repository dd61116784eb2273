/// \file
/// The system.applicationHost and system.osmia elements of one pool's part, written from the typed configuration.
/// Internal to the library.
#pragma once

#include <string>
#include <vector>

#include "config/server_configuration.h"

namespace osmia::config {

/// The sites that have an application in the pool.
std::vector<const SiteConfiguration*> sites_of(const ServerConfiguration& configuration, const PoolConfiguration& pool);

/// The pool, its sites with its applications (and, bare, those above them), its settings. No password.
std::string pool_part_elements(const ServerConfiguration& configuration, const PoolConfiguration& pool);

}  // namespace osmia::config
