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

/// system.osmia/pathMappings: where paths of a Windows machine lead here. Immutable once filled.
class PathMappings {
public:
    /// \a from: "C:\inetpub" or "\\server\share"; \a to: a path on this machine.
    void add(std::string_view from, std::string_view to);

    /// A path with slashes: with its beginning replaced by the longest mapping that covers it in whole segments, without
    /// regard to case; as it is when none does.
    std::string apply(std::string path) const;

private:
    struct Mapping {
        std::string from;
        std::string to;
    };
    std::vector<Mapping> mappings_;  ///< the longest first
};

}  // namespace osmia::config
