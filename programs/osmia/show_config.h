/// \file
/// `osmia show config`: what is in force at a path, and where each value comes from.
#pragma once

#include <string>
#include <vector>

#include "osmia/configuration_editor.h"

namespace osmia::command {

/// Where a path or URL leads. "Site/app/x", or "http://host:port/x" by the sites' bindings. An empty name is the server.
struct ConfigurationPath {
    std::string site;
    std::string below = "/";
};
Result<ConfigurationPath> find_path(const config::ServerConfiguration& configuration, const std::string& text);

/// The sections of \a words ([PATH|URL] [SECTION]) as text. \a effective: defaults and untouched sections too.
Result<std::string> show_configuration(const ConfigurationEditor& editor, const std::vector<std::string>& words, bool effective);

}  // namespace osmia::command
