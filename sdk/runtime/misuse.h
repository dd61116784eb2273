/// \file
/// What happens when a bounds-checked function is called wrongly.
#pragma once

#include <windows.h>

namespace osmia::win32 {

/// Says on standard error which function was misused and how, and returns the code for the caller to return.
/// Microsoft's library ends the process here; a server had better go on.
int report_misuse(const char* function, const char* what, int code);

}  // namespace osmia::win32
