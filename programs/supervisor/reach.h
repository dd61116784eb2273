/// \file
/// Whether an identity can reach a file, and if not, which folder denies it.
#pragma once

#include <optional>
#include <string>

#include "supervisor/identities.h"

namespace osmia::supervisor {

/// Why a path cannot be used by an identity.
struct Denial {
    std::string path;      ///< the folder (or the file itself) that denies
    std::string message;   ///< for an operator: "/root does not let uid 5000 pass (mode 0700)"
};

/// Nothing when \a identity may open \a path for reading; a missing path counts as reached (its absence is another
/// finding). Asks the kernel, so access lists count. Only root can ask for another identity: for any other caller
/// the question is about the caller itself. Changes the calling thread's file-system identity for the duration.
std::optional<Denial> find_denial(const std::string& path, const Identity& identity);

}  // namespace osmia::supervisor
