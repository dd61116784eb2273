/// \file
/// Which uid and gid a process runs with. Numbers only: no name service is ever asked, because that would load foreign
/// code into a privileged process; /etc/passwd is read as a file.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace osmia::supervisor {

/// Automatic identities come from this range where the user namespace maps it: above every range that Debian, systemd
/// and container tools hand out.
inline constexpr uid_t FirstAutomaticUid = 2'000'000'000;
/// Inside a small user namespace (65,536 ids) the range is the one that systemd uses for dynamic users.
inline constexpr uid_t FirstSmallNamespaceUid = 61'184;
inline constexpr uid_t MaxAutomaticIdentities = 4'096;

/// Whom a process becomes. A value.
struct Identity {
    uid_t uid = 0;
    gid_t gid = 0;

    bool operator==(const Identity&) const = default;
};

/// The automatic identities of one state folder: a name, once given a number, keeps it for ever, also when its pool is
/// removed, so that files of an old pool never fall to a new one. Not synchronised.
class Identities {
public:
    /// Reads \a path; a missing file is an empty list that starts at \a first. Invalid when a line is malformed.
    static Result<Identities> load(const std::string& path, uid_t first);

    /// The number of \a name; a new name is recorded in the file before this returns. Busy when the range is used up.
    Result<Identity> automatic(const std::string& name);

private:
    Identities(std::string path, uid_t first) : path_(std::move(path)), first_(first), next_(first) {}
    Result<void> save() const;

    std::string path_;
    uid_t first_;
    uid_t next_;
    std::map<std::string, uid_t> numbers_;
};

/// The first uid for automatic identities, given the text of /proc/self/uid_map.
uid_t first_automatic_uid(const std::string& uid_map);

/// The identity of a user of \a passwd_file, by name, or "#UID" or "#UID:GID" for a number without a name. NotFound when
/// there is no such user.
Result<Identity> identity_of_user(const std::string& user, const std::string& passwd_file = "/etc/passwd");

/// How to name \a uid to identity_of_user(): its user name, or "#UID:GID".
std::string user_of(uid_t uid, gid_t gid, const std::string& passwd_file = "/etc/passwd");

}  // namespace osmia::supervisor
