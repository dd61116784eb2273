#include "supervisor/reach.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/unique_fd.h"

namespace osmia::supervisor {

namespace {

/// The file-system identity of this thread, changed and put back. Changing it away from root also drops, and changing it
/// back restores, the capabilities that override permissions.
class BorrowedIdentity {
public:
    explicit BorrowedIdentity(const Identity& identity) {
        if (::geteuid() != 0) return;
        ::setfsgid(identity.gid);
        ::setfsuid(identity.uid);
    }
    ~BorrowedIdentity() {
        if (::geteuid() != 0) return;
        ::setfsuid(0);
        ::setfsgid(::getegid());
    }
    BorrowedIdentity(const BorrowedIdentity&) = delete;
    BorrowedIdentity& operator=(const BorrowedIdentity&) = delete;
};

bool denied(const std::string& path, int flags, const Identity& identity) {
    const BorrowedIdentity borrowed(identity);
    const UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK));
    return !fd && errno == EACCES;
}

Denial describe(const std::string& path, const Identity& identity, const char* what) {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return {path, fmt::format("{} does not let uid {} {} (owner {}, mode {:04o})", path, identity.uid, what, status.st_uid,
                              status.st_mode & 07777)};
}

}  // namespace

std::optional<Denial> find_denial(const std::string& path, const Identity& identity) {
    // Opening a child with O_PATH needs nothing of the child, only the permission to pass through its parents.
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
        const std::string prefix = path.substr(0, slash);
        if (denied(prefix, O_PATH, identity)) {
            const auto parent_end = prefix.rfind('/');
            return describe(parent_end == 0 ? "/" : prefix.substr(0, parent_end), identity, "pass");
        }
        if (slash == std::string::npos) break;
    }
    if (denied(path, O_RDONLY, identity)) return describe(path, identity, "read");
    return std::nullopt;
}

}  // namespace osmia::supervisor
