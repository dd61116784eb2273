/// \file
/// The state folder: where a server's sockets, records and data lie. `osmia`, the guardian and the supervisor agree
/// on nothing else but this layout, so it stands here once.
///
/// With one folder (--state DIR, $OSMIA_STATE) everything lies under it. Otherwise what may be lost at a reboot lies
/// in the runtime folder and what must be kept in the lasting one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace osmia::state {

/// The version of the layout below. A folder of a newer version is refused.
inline constexpr int LayoutVersion = 1;

/// The two folders of one server; equal when one folder holds everything. A value.
struct Folders {
    std::string runtime;
    std::string lasting;

    std::string lock_file() const { return runtime + "/serve.lock"; }
    std::string control_socket() const { return runtime + "/control.sock"; }
    /// One file per process that was started and has not been seen to end: name = pid.
    std::string running() const { return runtime + "/running"; }
    /// One configuration file per pool, each readable by its pool's identity alone.
    std::string pools() const { return runtime + "/pools"; }
    /// One folder per worker, gone with it.
    std::string temporary() const { return runtime + "/tmp"; }
    /// Copies of the worker, modules and libraries that any uid may read and run: not below /run, which forbids running.
    std::string stage() const { return lasting + "/stage"; }
    /// A folder for each pool: the last good copies of its extensions, which its identity reads and cannot write.
    std::string extensions() const { return lasting + "/extensions"; }
    std::string accepted_configuration() const { return lasting + "/accepted.config"; }
    std::string identities() const { return lasting + "/identities"; }
    std::string data() const { return lasting + "/data"; }
    /// Beside /run/osmia and /var/lib/osmia stands /var/log/osmia.
    std::string logs() const;
    std::string crashes() const { return lasting + "/crashes"; }
};

/// How resolve_folders() sees the environment; empty optional = not set.
using GetVariable = std::function<std::optional<std::string>(const char* name)>;

/// The process's own environment.
std::optional<std::string> process_variable(const char* name);

/// Chooses the folders: \a option (--state), else $OSMIA_STATE, else /run/osmia with /var/lib/osmia for uid 0, else
/// $XDG_RUNTIME_DIR/osmia with $XDG_STATE_HOME/osmia (default ~/.local/state; without $XDG_RUNTIME_DIR its folder
/// "run"). Makes the paths absolute; touches nothing.
Result<Folders> resolve_folders(const std::optional<std::string>& option, const GetVariable& variable, uid_t uid);

/// Makes the folders with their subfolders and the version file. Run by root, lets other identities pass through them
/// (mode o+x): a pool's worker must reach its own files. Invalid when the folder has a newer version or
/// already holds files that are not a server's state.
Result<void> prepare_folders(const Folders& folders);

}  // namespace osmia::state
