/// \file
/// What a worker gives up before it loads foreign code.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::worker {

/// Refuses system calls that no web application needs and that attack the kernel or other processes: tracing, other
/// processes' memory, namespaces and mounts, kernel modules, keyrings, io_uring (ENOSYS, so that libraries fall back).
/// Signals reach only the worker and what it starts: by landlock where the kernel has its scopes; else, and only where
/// the server shares its uid with the workers (known from \a control's peer), by a filter that lets kill() name only the
/// worker itself and its process group. Call it before threads are made. The docs are docs/manual/osmia-worker.md.
Result<void> enter_sandbox(BorrowedFd control);

}  // namespace osmia::worker
