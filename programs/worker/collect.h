/// \file
/// The throw-away process that reads an extension for the supervisor.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace osmia::worker {

/// `osmia-worker --collect FILE`: reads the extension and what it needs from its folder, sends the bytes over \a control
/// (wire/extension_manifest.h), loads them in a process of its own, and tells how that ended. Runs under the pool's
/// identity. The exit status.
int collect_extension(const std::string& file, BorrowedFd control);

}  // namespace osmia::worker
