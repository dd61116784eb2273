/// \file
/// preCondition of handlers, modules and globalModules.
#pragma once

#include <string_view>

#include "config/server_configuration.h"

namespace osmia::config {

/// Whether every condition of the comma list holds for a pool: integratedMode, classicMode, bitness64 (always, as workers
/// are 64-bit programs), runtimeVersionvX (the pool's managedRuntimeVersion). managedHandler holds here: it is a matter of the request. An
/// unknown condition does not hold.
bool pre_condition_holds(std::string_view conditions, const PoolConfiguration& pool);

/// Whether the comma list names \a condition.
bool has_pre_condition(std::string_view conditions, std::string_view condition);

}  // namespace osmia::config
