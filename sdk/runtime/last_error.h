/// \file
/// The calling thread's last error, and the translation of errno into it.
#pragma once

#include <windows.h>

namespace osmia::win32 {

/// The Win32 code that stands for an errno value; ERROR_GEN_FAILURE for those that have no counterpart.
DWORD win32_error(int error_number);

/// Sets the last error and returns FALSE, for `return fail(ERROR_X);`.
BOOL fail(DWORD error);

/// The same from errno.
BOOL fail_with_errno();

}  // namespace osmia::win32
