/// \file
/// What the host told about the libraries it loaded.
#pragma once

namespace osmia::win32 {

/// Counts a thread for the library that holds its start function.
void count_thread_start(const void* start);

}  // namespace osmia::win32
