/// \file
/// Whether a program can be run at all, before anything is entrusted to it.
#pragma once

#include <functional>
#include <string>

#include "base/event_loop.h"
#include "base/result.h"

namespace osmia::supervisor {

/// A program that takes longer to say its version is not fit to serve.
inline constexpr std::chrono::seconds ProgramCheckLimit{10};

/// Runs `PATH --version` and calls \a done once, from the loop: with the version it says for \a name ("osmia-worker 0.1.0"),
/// or why it is not such a program. Runs under the caller's identity: the path is an administrator's.
void check_program(EventLoop& loop, const std::string& path, const std::string& name, std::function<void(Result<std::string>)> done);

}  // namespace osmia::supervisor
