#include "sandbox/signal_scope.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "base/unique_fd.h"

namespace osmia::sandbox {

namespace {

// linux/landlock.h of Debian 12 is older than the scopes.
struct RulesetAttributes {
    std::uint64_t handled_access_fs;
    std::uint64_t handled_access_net;
    std::uint64_t scoped;
};
constexpr std::uint32_t VersionFlag = 1;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr std::uint64_t ScopeSignal = 2;  // LANDLOCK_SCOPE_SIGNAL
constexpr long FirstVersionWithScopes = 6;

}  // namespace

Result<bool> confine_signals() {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, VersionFlag);
    if (version < FirstVersionWithScopes) return false;
    const RulesetAttributes attributes{0, 0, ScopeSignal};
    const UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
    if (!ruleset) return errno_error("landlock_create_ruleset");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno_error("no_new_privs");
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return errno_error("landlock_restrict_self");
    return true;
}

}  // namespace osmia::sandbox
