/// \file
/// Opening files below a virtual directory and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "worker/pipeline/handler_mapping.h"

namespace osmia::worker {

/// Opens \a relative below \a root (openat2, RESOLVE_BENEATH): neither ".." nor a symbolic link leads
/// outside. Empty with errno set when there is none. \a flags as for open(2).
UniqueFd open_beneath(const std::string& root, std::string_view relative, int flags);

/// What is there. Neither file nor folder (a FIFO, a socket), or unreachable: Missing.
FileKind probe_beneath(const std::string& root, std::string_view relative);

}  // namespace osmia::worker
