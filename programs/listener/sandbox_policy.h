/// \file
/// What the listener gives up once it runs.
#pragma once

#include "base/result.h"

namespace osmia::listener {

/// No file or socket by name, no program, no new executable memory, no other process: all it needs arrives as descriptors
/// on the control socket. For all threads, for good. A no-op in sanitizer builds, whose reports need more.
Result<void> enter_sandbox();

}  // namespace osmia::listener
