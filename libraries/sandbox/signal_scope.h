/// \file
/// Landlock's scope for signals.
#pragma once

#include "base/result.h"

namespace osmia::sandbox {

/// Confines the signals and the tracing of the calling thread, and of every thread and process that it makes later, to
/// these threads and processes (landlock, Linux 6.12). Call it before threads are made. Sets no_new_privs. Returns false,
/// and changes nothing else, where the kernel cannot.
Result<bool> confine_signals();

}  // namespace osmia::sandbox
