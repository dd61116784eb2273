/// \file
/// The command line of `osmia`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "osmia/edit_commands.h"

namespace osmia::command {

/// Used when neither a path nor --config is given.
inline constexpr const char* DefaultConfiguration = "/etc/osmia/applicationHost.config";

struct ServeArguments {
    std::string path;                   ///< the folder or extension; empty: a configuration file
    std::string configuration;
    std::vector<std::string> listen;
    bool watch = true;  ///< an edit of the configuration counts at once
    std::optional<std::string> state;
};

struct CheckArguments {
    std::string configuration;
    bool verbose = false;  ///< what is accepted and not looked at is listed too
};

/// What a shared object is; in the worker's program, which is the one that may load it.
struct ProbeArguments {
    std::string file;
};

/// Any command to a running server.
struct ControlArguments {
    std::string command;  ///< status, list, start, stop, recycle, reload, upgrade or shutdown
    std::string what;     ///< of list: pools, ...; of start, stop and recycle: pool or site
    std::string name;
    std::string bin;      ///< of upgrade: an absolute path, or empty
    bool json = false;
    bool wait = true;
    std::chrono::milliseconds timeout{0};  ///< 0: as long as it takes
    std::optional<std::string> state;
};

/// The process ends at once: help, the version or a usage error.
struct Exit {
    int status = 0;
    std::string text;
};

using Arguments = std::variant<ServeArguments, CheckArguments, ProbeArguments, ControlArguments, EditArguments, Exit>;

/// Reads the command line, the program's name included.
Arguments parse_arguments(int argc, const char* const* argv);

}  // namespace osmia::command
