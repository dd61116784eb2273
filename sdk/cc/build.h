/// \file
/// Compiling and linking one extension.
#pragma once

#include "command_line.h"
#include "toolchain.h"

namespace osmia::cc {

/// Does what the request says. Returns the exit code; messages go to standard error.
int build(const Request& request, const Sdk& sdk);

}  // namespace osmia::cc
