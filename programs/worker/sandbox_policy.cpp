#include "worker/sandbox_policy.h"

#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/signal_scope.h"
#include "sandbox/syscall_filter.h"

namespace osmia::worker {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// The leak checker traces its own process.
Result<void> enter_sandbox(BorrowedFd) { return {}; }
#else

namespace {

bool shares_uid_with_server(BorrowedFd control) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(control.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

void refuse_tampering(sandbox::SyscallFilter& filter) {
    for (const long call : {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_getfd, SYS_mount,
                            SYS_umount2, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsmount, SYS_fsconfig, SYS_fspick, SYS_mount_setattr,
                            SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key,
                            SYS_request_key, SYS_keyctl, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
                            SYS_kexec_file_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_open_by_handle_at,
                            SYS_fanotify_init, SYS_lookup_dcookie, SYS_syslog, SYS_sethostname, SYS_setdomainname, SYS_vhangup}) {
        filter.deny(call);
    }
    filter.deny_if_bits(SYS_clone, 0, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
    // Its flags lie in memory, where a filter cannot look; the C library then uses clone.
    filter.deny(SYS_clone3, ENOSYS);
    filter.deny(SYS_io_uring_setup, ENOSYS).deny(SYS_io_uring_enter, ENOSYS).deny(SYS_io_uring_register, ENOSYS);
}

// Without landlock's scopes: a fault like kill(-1, SIGTERM) must not end the server and every program of its user. What a
// worker starts keeps the filter and cannot even signal itself by kill(); SIGKILL comes to it from its worker's end.
void refuse_foreign_signals(sandbox::SyscallFilter& filter) {
    const auto self = static_cast<std::uint32_t>(::getpid());
    filter.deny_unless(SYS_kill, 0, {self, 0, 0U - self});
    filter.deny_unless(SYS_tgkill, 0, {self}).deny(SYS_tkill);
    filter.deny_unless(SYS_rt_sigqueueinfo, 0, {self}).deny_unless(SYS_rt_tgsigqueueinfo, 0, {self});
    filter.deny(SYS_pidfd_open);
}

}  // namespace

Result<void> enter_sandbox(BorrowedFd control) {
    sandbox::SyscallFilter filter;
    refuse_tampering(filter);
    const auto confined = sandbox::confine_signals();
    OSMIA_TRY_VOID(confined);
    if (!confined.value() && shares_uid_with_server(control)) refuse_foreign_signals(filter);
    return filter.install();
}

#endif

}  // namespace osmia::worker
