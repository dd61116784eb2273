/// \file
/// Where workers are started from: the programs beside the supervisor, or copies that every identity can reach.
#pragma once

#include "state/folders.h"
#include "supervisor/identities.h"
#include "supervisor/machinery.h"

namespace osmia::supervisor {

/// The programs beside \a executable_folder (bin or libexec/osmia) with their modules. \a stranger: an identity without
/// any right of its own; when it cannot reach them, the worker, the listener, the modules and the libraries of ours are
/// copied to the state folder's stage. Denied when it cannot reach the stage either; the message names the folder.
Result<Programs> find_programs(const std::string& executable_folder, const state::Folders& folders,
                               const std::optional<Identity>& stranger);

}  // namespace osmia::supervisor
