/// \file
/// A seccomp filter that refuses named system calls.
#pragma once

#include <linux/filter.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/result.h"

namespace osmia::sandbox {

/// Builds and installs a deny list. Refused calls fail with EPERM if nothing else is asked for; calls of another architecture (32-bit, x32) end the
/// process, since their numbers mean something else. What is denied stays denied for the process and its children.
class SyscallFilter {
public:
    /// Refuses the call whatever its arguments. \a reason is the errno that the caller sees: ENOSYS makes the C library
    /// and others fall back to an older call.
    SyscallFilter& deny(long number, int reason = EPERM);
    /// Refuses the call when \a argument (0 to 5) has any of \a bits set; only the low 32 bits are looked at.
    SyscallFilter& deny_if_bits(long number, unsigned argument, std::uint32_t bits);
    /// Refuses the call unless the low 32 bits of \a argument are one of \a allowed (at most MaxAllowed values).
    SyscallFilter& deny_unless(long number, unsigned argument, std::initializer_list<std::uint32_t> allowed);
    static constexpr std::size_t MaxAllowed = 16;

    /// Installs it for all threads. Sets no_new_privs. An Error where the kernel has no seccomp.
    Result<void> install() const;

private:
    std::vector<sock_filter> rules_;
};

}  // namespace osmia::sandbox
