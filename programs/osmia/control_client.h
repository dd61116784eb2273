/// \file
/// Commands to a running server, over its control socket.
#pragma once

#include "osmia/arguments.h"

namespace osmia::command {

/// Sends the command, shows the answer, returns the exit status.
int run_control(const ControlArguments& arguments);

}  // namespace osmia::command
