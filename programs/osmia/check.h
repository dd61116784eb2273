/// \file
/// `osmia check`.
#pragma once

#include "osmia/arguments.h"

namespace osmia::command {

/// Validates a configuration file, and the web.config files that its sites have, and prints every finding; returns the exit
/// status.
int run_check(const CheckArguments& arguments);

}  // namespace osmia::command
