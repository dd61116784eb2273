/// \file
/// Running other programs.
#pragma once

#include <string>
#include <vector>

namespace osmia::cc {

/// How a program ended and what it wrote.
struct Finished {
    int exit_code = -1;  ///< 127 when it could not be started, 128 + the signal when it was killed
    std::string output;  ///< what was captured
};

enum class Capture { Nothing, Output, Errors };

/// Runs a program found on PATH and waits for it.
Finished run(const std::vector<std::string>& command, Capture capture = Capture::Nothing);

}  // namespace osmia::cc
