/// \file
/// osmia-symbolizer: turns a dead worker's crash note into lines that an operator understands, and ends.
///
/// Privileges: those of the pool that the worker belonged to, for as long as this takes; never the supervisor's, because it
/// reads the pool's own ELF files. Standard input is the note (wire/crash_note.h). Standard output, lines of fields with a tab between:
///     signal NUMBER CODE ADDRESS THREAD | request ID | cause TEXT | frame MODULE BUILD-ID FUNCTION SOURCE OWN
/// OWN is 1 for a library that the worker had loaded as a private copy: foreign code. The reader trusts none of it.
/// Limits: the address space and processor time below. Exit status: 0, 1 no note.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "symbolizer/report.h"

namespace {

constexpr rlim_t MaxAddressSpace = rlim_t{2} << 30;
constexpr rlim_t MaxProcessorSeconds = 5;

void limit(__rlimit_resource_t what, rlim_t value) {
    const rlimit limits{value, value};
    ::setrlimit(what, &limits);
}

}  // namespace

int main() {
    ::prctl(PR_SET_DUMPABLE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, MaxProcessorSeconds);
    limit(RLIMIT_AS, MaxAddressSpace);
    void* const note = ::mmap(nullptr, sizeof(osmia::wire::CrashNote), PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (note == MAP_FAILED) return 1;
    const auto report = osmia::symbolizer::describe(*static_cast<const osmia::wire::CrashNote*>(note));
    std::fputs(report.c_str(), stdout);
    return report.empty() ? 1 : 0;
}
