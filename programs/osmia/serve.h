/// \file
/// `osmia serve` checks what can be checked, then becomes the guardian; `osmia probe` becomes the worker that looks.
#pragma once

#include "osmia/arguments.h"

namespace osmia::command {

/// Does not return when all is well: this process is the guardian then. Otherwise the exit status.
int run_serve(const ServeArguments& arguments);

/// Becomes `osmia-worker --probe FILE`. Does not return when all is well.
int run_probe(const ProbeArguments& arguments);

}  // namespace osmia::command
