/// \file
/// The configuration of `osmia serve FOLDER` and `osmia serve EXTENSION.so`, which need no file: the text of an
/// applicationHost.config is made and then loaded like any other, so that there is one path.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/server_configuration.h"

namespace osmia::config {

/// The name of the one site (id 1) and of the one pool that these functions make.
inline constexpr const char* folder_site_name = "Default Web Site";
inline constexpr const char* folder_pool_name = "DefaultAppPool";

/// What to serve.
struct FolderOptions {
    std::string folder;               ///< absolute; for an extension: an empty folder of the caller's, never served
    std::vector<std::string> listen;  ///< HOST:PORT, [v6]:PORT, :PORT or unix:PATH; empty: 127.0.0.1:8080
    std::optional<std::string> user;  ///< the pool runs as this user; nothing: ApplicationPoolIdentity
    std::string extension;            ///< absolute; not empty: this ISAPI extension answers every path
};

/// Turns one --listen argument into bindingInformation. A host that is not an address is an error except "localhost",
/// which becomes 127.0.0.1; no name is looked up.
Result<std::string> binding_information(std::string_view listen);

/// The text of the configuration. Anyone who may put files in the folder may also run code in its pool: accessPolicy is
/// "Read, Script, Execute", unlisted ISAPI extensions are allowed, handlers and modules are open to web.config.
Result<std::string> folder_configuration_text(const FolderOptions& options);

/// The text, loaded. Diagnostics name the file "(osmia serve)".
LoadedServerConfiguration make_folder_configuration(const FolderOptions& options);

}  // namespace osmia::config
