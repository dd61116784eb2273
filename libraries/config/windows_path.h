/// \file
/// What Windows notation in configuration files becomes on Linux.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osmia::config {

/// Replaces `%NAME%` with the value of the environment variable NAME. `%SystemDrive%` is the empty text when it is not
/// set, so that "%SystemDrive%\inetpub" becomes "/inetpub". Any other unset name stays as it is and is put in \a unset.
std::string expand_variables(std::string_view text, std::vector<std::string>& unset);

/// Turns every backslash into a slash and drops slashes at the end (not the only one).
std::string to_linux_path(std::string_view text);

/// True for "C:/…": a drive has no meaning here.
bool has_drive_letter(std::string_view path);

}  // namespace osmia::config
