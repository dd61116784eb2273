/// \file
/// Paths as Windows sources write them.
#pragma once

#include <string>
#include <string_view>

namespace osmia::win32 {

/// The POSIX path of what a source written for Windows calls \a path: `\\?\` and a drive letter are dropped,
/// backslashes become slashes. A path without backslash and drive stays as it is.
std::string posix_path(std::string_view path);

}  // namespace osmia::win32
