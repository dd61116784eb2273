// refuse_calls COMMAND [ARGUMENTS...]: runs COMMAND as on a kernel that has no landlock.
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "sandbox/syscall_filter.h"

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: refuse_calls COMMAND [ARGUMENTS...]\n");
        return 2;
    }
    osmia::sandbox::SyscallFilter filter;
    for (const long call : {SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self}) filter.deny(call, ENOSYS);
    if (const auto installed = filter.install(); !installed.ok()) {
        std::fprintf(stderr, "refuse_calls: %s\n", installed.error().message.c_str());
        return 1;
    }
    ::execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    return 127;
}
