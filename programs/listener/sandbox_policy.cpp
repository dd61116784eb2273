#include "listener/sandbox_policy.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include "sandbox/syscall_filter.h"

namespace osmia::listener {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
Result<void> enter_sandbox() { return {}; }
#else
Result<void> enter_sandbox() {
    sandbox::SyscallFilter filter;
    for (const long call : {
#ifdef SYS_open
             SYS_open, SYS_creat, SYS_fork, SYS_vfork,
#endif
             SYS_openat, SYS_openat2, SYS_open_by_handle_at, SYS_execve, SYS_execveat, SYS_socket, SYS_bind, SYS_connect, SYS_ptrace,
             SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_tkill, SYS_pidfd_getfd, SYS_mount, SYS_umount2, SYS_unshare,
             SYS_setns, SYS_bpf, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
             SYS_init_module, SYS_finit_module, SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_fchmodat,
             SYS_fchownat, SYS_chroot, SYS_pivot_root}) {
        filter.deny(call);
    }
    filter.deny_if_bits(SYS_mmap, 2, PROT_EXEC).deny_if_bits(SYS_mprotect, 2, PROT_EXEC);
    return filter.install();
}
#endif

}  // namespace osmia::listener
