/// \file
/// The lock that makes a state folder one server's.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::state {

/// Takes the lock file at \a path for as long as the descriptor (or a copy of it) is open, and writes \a pid into it.
///
/// The lock goes when the last holder of the descriptor ends, however it ends: there is no stale lock. Busy when
/// another server holds it; the message names its pid. The descriptor is close-on-exec.
Result<UniqueFd> take_lock(const std::string& path, pid_t pid);

}  // namespace osmia::state
