/// \file
/// What the end of a thread means for mutexes.
#pragma once

namespace osmia::win32 {

/// Abandons the mutexes that the calling thread owns. Happens by itself when a thread ends, but only after
/// its thread-local objects: a thread of CreateThread calls it before it becomes signaled, so that who waited
/// for the thread finds the mutex free.
void abandon_owned_mutexes();

}  // namespace osmia::win32
