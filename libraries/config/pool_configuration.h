/// \file
/// The part of a machine's configuration that one pool's workers may see.
///
/// The supervisor writes it, the worker reads it: other pools, their applications, their settings and every credential
/// are left out. The text is itself an applicationHost.config; `<?osmia-line …?>` instructions keep the positions of
/// the original file, so that errors found in the worker name the file the administrator edits.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/server_configuration.h"

namespace osmia::config {

/// The text for \a pool. NotFound when there is no such pool. Applications of other pools above one of this pool's
/// (whose web.config files are inherited) keep their path and physicalPath and lose everything else; of those below only the path is told.
Result<std::string> write_pool_configuration(const ServerConfiguration& configuration, std::string_view pool);

/// Reads what write_pool_configuration wrote. \a name stands for the text where no original position is known.
LoadedServerConfiguration load_pool_configuration(std::string text, const std::string& name);

/// Reads it from a file.
LoadedServerConfiguration load_pool_configuration_file(const std::string& path);

}  // namespace osmia::config
