/// \file
/// What a worker's end means.
#pragma once

#include <string>

namespace osmia::supervisor {

/// How a process ended, in words and as a verdict.
struct Death {
    std::string words;       ///< "SIGSEGV", "exit status 3", "an unknown cause"
    bool own_fault = false;  ///< counts towards rapid-fail protection
};

/// Judges waitpid's \a status of a worker that nobody asked to end. Its own fault are SIGSEGV, SIGBUS, SIGILL, SIGFPE,
/// SIGABRT, SIGSYS and SIGTRAP and every exit, also with status 0. Any other signal came from outside: the kernel out of
/// memory, an operator, a test; such deaths never stop a pool.
Death judge_death(int status);

/// The verdict when the status is lost.
Death unknown_death();

}  // namespace osmia::supervisor
