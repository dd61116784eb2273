/// \file
/// Module-definition files (.def): which functions a library exports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osmia::cc {

/// One line of EXPORTS.
struct Export {
    std::string name;
    std::string internal_name;  ///< what it is called in the sources; mostly the same
};

/// The EXPORTS of a definition file; ordinals, PRIVATE, NONAME and DATA have no effect here. Unknown
/// statements are skipped.
std::vector<Export> parse_definition_file(std::string_view text);

/// A linker script that makes these names visible, and DllMain, which no definition file names, and nothing
/// else.
std::string version_script(const std::vector<Export>& exports);

}  // namespace osmia::cc
