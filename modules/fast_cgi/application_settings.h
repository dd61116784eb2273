/// \file
/// One <application> of <fastCgi>.
#pragma once

#include <osmia_host.h>

#include <chrono>
#include <string>
#include <string_view>

#include "gateway/environment.h"

namespace fast_cgi {

enum class StderrMode { ReturnStdErrIn500 = 0, ReturnGeneric500 = 1, IgnoreAndReturn200 = 2, TerminateProcess = 3 };

struct ApplicationSettings {
    explicit ApplicationSettings(const IOsmiaElement& item);

    /// "unix:/run/php.sock" and "tcp:127.0.0.1:9000": a pool that somebody else runs.
    bool is_external() const { return full_path.starts_with("unix:") || full_path.starts_with("tcp:"); }
    /// What a handler's scriptProcessor says: "FILE|ARGUMENTS".
    bool is_named(std::string_view processor) const;

    std::string full_path, arguments, monitored_file;
    StderrMode stderr_mode;
    unsigned max_instances;  ///< 0 was replaced by a number of our own
    unsigned max_requests_per_instance, queue_length, rapid_fails_per_minute;
    std::chrono::seconds idle_timeout, activity_timeout, request_timeout, signal_before_terminate;
    bool tcp;
    gateway::Variables variables;
};

}  // namespace fast_cgi
