/// \file
/// What `osmia serve` was asked to do, as it travels on the command lines of the guardian and the supervisor.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/folders.h"

namespace osmia::state {

/// Where the configuration comes from.
enum class ServeSource { ConfigurationFile, Folder, Extension };

/// The options of one server. A value; paths are absolute.
struct ServeOptions {
    Folders folders;
    ServeSource source = ServeSource::ConfigurationFile;
    std::string path;                  ///< the configuration file, the folder or the extension
    std::vector<std::string> listen;   ///< HOST:PORT, [v6]:PORT or unix:PATH; only for a folder or an extension
    bool watch = true;                 ///< an edit of the configuration file counts at once, not only after `osmia reload`

    bool operator==(const ServeOptions& other) const;
};

/// The arguments for the supervisor, without the program's name.
std::vector<std::string> to_arguments(const ServeOptions& options);

/// Reads what to_arguments() wrote. Invalid for anything else: only programs write it.
Result<ServeOptions> from_arguments(std::span<const std::string> arguments);

}  // namespace osmia::state
