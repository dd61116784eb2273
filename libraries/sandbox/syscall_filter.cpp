#include "sandbox/syscall_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace osmia::sandbox {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t Architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t Architecture = AUDIT_ARCH_AARCH64;
#else
#error "an architecture whose audit number is not known here"
#endif
constexpr std::uint32_t X32Bit = 0x40000000;
std::uint32_t refusal(int reason) { return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(reason) & SECCOMP_RET_DATA); }

sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
sock_filter give(std::uint32_t verdict) { return BPF_STMT(BPF_RET | BPF_K, verdict); }
sock_filter jump(unsigned short kind, std::uint32_t value, unsigned char if_true, unsigned char if_false) {
    return sock_filter{static_cast<unsigned short>(BPF_JMP | kind | BPF_K), if_true, if_false, value};
}

}  // namespace

SyscallFilter& SyscallFilter::deny(long number, int reason) {
    rules_.push_back(jump(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 1));
    rules_.push_back(give(refusal(reason)));
    return *this;
}

SyscallFilter& SyscallFilter::deny_if_bits(long number, unsigned argument, std::uint32_t bits) {
    rules_.push_back(jump(BPF_JEQ, static_cast<std::uint32_t>(number), 0, 4));
    rules_.push_back(load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t)));
    rules_.push_back(jump(BPF_JSET, bits, 0, 1));
    rules_.push_back(give(refusal(EPERM)));
    rules_.push_back(load(offsetof(seccomp_data, nr)));
    return *this;
}

SyscallFilter& SyscallFilter::deny_unless(long number, unsigned argument, std::initializer_list<std::uint32_t> allowed) {
    OSMIA_CHECK(allowed.size() <= MaxAllowed, "jumps of a filter reach only so far");
    const auto count = static_cast<unsigned char>(allowed.size());
    rules_.push_back(jump(BPF_JEQ, static_cast<std::uint32_t>(number), 0, static_cast<unsigned char>(count + 3)));
    rules_.push_back(load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t)));
    unsigned char remaining = count;
    for (const std::uint32_t value : allowed) rules_.push_back(jump(BPF_JEQ, value, remaining--, 0));
    rules_.push_back(give(refusal(EPERM)));
    rules_.push_back(load(offsetof(seccomp_data, nr)));
    return *this;
}

Result<void> SyscallFilter::install() const {
    std::vector<sock_filter> program{load(offsetof(seccomp_data, arch)), jump(BPF_JEQ, Architecture, 1, 0), give(SECCOMP_RET_KILL_PROCESS),
                                     load(offsetof(seccomp_data, nr)), jump(BPF_JGE, X32Bit, 0, 1), give(SECCOMP_RET_KILL_PROCESS)};
    program.insert(program.end(), rules_.begin(), rules_.end());
    program.push_back(give(SECCOMP_RET_ALLOW));
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno_error("no_new_privs");
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0) return errno_error("seccomp");
    return {};
}

}  // namespace osmia::sandbox
