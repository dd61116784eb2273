/// \file
/// `osmia serve`: checks what can be checked, then becomes the guardian.
#pragma once

#include "osmia/arguments.h"

namespace osmia::command {

/// Does not return when all is well: this process is the guardian then. Otherwise the exit status.
int run_serve(const ServeArguments& arguments);

}  // namespace osmia::command
