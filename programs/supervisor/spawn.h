/// \file
/// Starting a process as wire/process_start.h promises it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "supervisor/identities.h"

namespace osmia::supervisor {

/// What to start. Borrows its descriptors for the call.
struct SpawnRequest {
    std::string program;                  ///< absolute path
    std::vector<std::string> arguments;   ///< without the program's name
    std::vector<std::string> environment; ///< NAME=VALUE
    int control = -1;                     ///< becomes wire::ControlDescriptor
    int input = -1;                       ///< standard input; -1: /dev/null
    int output = -1;                      ///< standard output and error; -1: the caller's
    std::optional<Identity> identity;     ///< nothing: the caller's own
    std::string folder = "/";             ///< the working folder
};

/// A process that was started. The pidfd names it without a doubt until it is closed.
struct Spawned {
    pid_t pid = -1;
    UniqueFd pidfd;
};

/// Starts it: a session of its own, default signals, nothing open beyond the control socket, no new privileges, and with
/// an identity its uid, gid and no further group. A program that cannot be executed exits with 127 and says so on its
/// standard error.
Result<Spawned> spawn(const SpawnRequest& request);

}  // namespace osmia::supervisor
