/// \file
/// Where the server's configuration comes from, and the last accepted one.
#pragma once

#include <optional>
#include <string>

#include "config/server_configuration.h"
#include "state/serve_options.h"
#include "supervisor/reach.h"

namespace osmia::supervisor {

/// One reading of the source. Without a configuration the diagnostics say why.
struct ConfigurationReading {
    std::optional<config::ServerConfiguration> configuration;
    config::Diagnostics diagnostics;
    std::string text;    ///< as read, to be kept when it is accepted
    std::string source;  ///< what diagnostics call it
};

/// Reads the file, or makes the text for a folder or an extension. Started by root, a folder's pool runs as the folder's
/// owner if that is not root.
ConfigurationReading read_configuration(const state::ServeOptions& options, bool privileged);

/// What `serve FOLDER` shows where a file's name is expected.
std::string describe_source(const state::ServeOptions& options);

/// The last accepted text, kept for a supervisor that is started again.
Result<void> keep_accepted(const state::Folders& folders, const ConfigurationReading& reading);
ConfigurationReading read_accepted(const state::Folders& folders, const std::string& source);

/// Every diagnostic as an operator reads it.
std::string text_of(const config::Diagnostics& diagnostics);

}  // namespace osmia::supervisor
