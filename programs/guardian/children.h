/// \file
/// Starting the supervisor, and ending whatever is below the guardian.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::guardian {

/// Runs \a command with \a channel as its descriptor wire::ControlDescriptor, in a session of its own, with nothing else
/// open beyond 2 and all signals at their defaults. Returns its pid. A command that cannot be executed exits with 127.
Result<pid_t> start_supervisor(const std::vector<std::string>& command, BorrowedFd channel);

/// Kills every descendant, orphans included (the caller is a subreaper), and waits until none is left.
void kill_all_descendants();

}  // namespace osmia::guardian
