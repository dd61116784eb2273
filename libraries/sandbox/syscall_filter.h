/// \file
/// A seccomp filter that refuses named system calls.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace osmia::sandbox {

/// Builds and installs a deny list. Refused calls fail with EPERM; calls of another architecture (32-bit, x32) end the
/// process, since their numbers mean something else. What is denied stays denied for the process and its children.
class SyscallFilter {
public:
    /// Refuses the call whatever its arguments.
    SyscallFilter& deny(long number);
    /// Refuses the call when \a argument (0 to 5) has any of \a bits set; only the low 32 bits are looked at.
    SyscallFilter& deny_if_bits(long number, unsigned argument, std::uint32_t bits);

    /// Installs it for all threads. Sets no_new_privs. An Error where the kernel has no seccomp.
    Result<void> install() const;

private:
    std::vector<sock_filter> rules_;
};

}  // namespace osmia::sandbox
