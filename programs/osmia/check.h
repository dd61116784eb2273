/// \file
/// `osmia check`.
#pragma once

#include <string>

namespace osmia::command {

/// Validates a configuration file and prints every finding; returns the exit status.
int run_check(const std::string& configuration);

}  // namespace osmia::command
