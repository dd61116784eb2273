/// \file
/// What the control socket understands, and who may say it.
///
/// A request is {"command": C, ...}, a reply {"status": S} with "message" (text for the operator) or "result" (JSON to
/// show). S is the exit status of `osmia`: 0 done, 1 refused or failed, 4 no such object. Commands: status; list with
/// "what"; show with "kind" (crash) and "name"; start, stop, recycle with "kind" (pool, site, listener) and "name"; reload; shutdown; upgrade with
/// "bin", answered when this supervisor makes room; upgrade-state, for the supervisors after it. With "wait": false a command
/// answers as soon as it has begun.
#pragma once

#include <optional>
#include <string>

#include "supervisor/control_server.h"
#include "supervisor/server.h"

namespace osmia::supervisor {

/// What a peer may do.
enum class Permission { Nothing, Read, Everything };

/// Root and the server's own user may do everything, members of the group \a readers read; a worker's descendant nothing.
Permission permission_of(const ControlPeer& peer, uid_t owner, std::optional<gid_t> readers, bool worker_descendant);

/// The gid of a group of \a group_file, read as a file.
std::optional<gid_t> find_group(const std::string& name, const std::string& group_file = "/etc/group");

/// Carries one request line out. \a reply gets the reply line, at once or when the command is done.
void handle_command(Server& server, const std::string& line, const ControlPeer& peer, ControlServer::Reply reply);

}  // namespace osmia::supervisor
