/// \file
/// What a shared object needs, read from its bytes without loading it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace osmia::worker {

/// The dynamic section's answer to "what else, and where".
struct NeededLibraries {
    std::string own_name;  ///< DT_SONAME; empty: it has none
    bool text_relocations = false;
    bool never_unloads = false;  ///< linked with -z nodelete
    std::vector<std::string> names;    ///< DT_NEEDED
    std::vector<std::string> folders;  ///< DT_RUNPATH, else DT_RPATH; as written, $ORIGIN not replaced
};

/// Reads the headers of a 64-bit ELF shared object for this machine. Invalid, in words for an operator, for
/// anything else (a Windows DLL, a 32-bit library, a truncated file).
Result<NeededLibraries> read_needed_libraries(std::span<const std::byte> image);

}  // namespace osmia::worker
