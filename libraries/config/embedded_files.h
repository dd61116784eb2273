/// \file
/// Files of share/ that are compiled into the library, so that programs need no path to find them.
#pragma once

#include <span>
#include <string_view>

namespace osmia::config {

struct EmbeddedFile {
    std::string_view name;  ///< the path below share/
    std::string_view text;
};

/// The section schemas, share/schema/*.schema.
std::span<const EmbeddedFile> embedded_schemas();

/// share/applicationHost.config.default: what a configuration gets for the collections it does not mention.
const EmbeddedFile& embedded_defaults();

}  // namespace osmia::config
