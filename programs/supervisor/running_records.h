/// \file
/// A file for each process that runs, so that a server that was killed as a whole leaves nothing in the way of the next.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <set>
#include <string>

#include "base/result.h"

namespace osmia::supervisor {

/// What a left-over process gets to end by itself after SIGTERM, before SIGKILL.
inline constexpr std::chrono::seconds LeftoverPatience{2};

/// The folder of records: name = pid, content = when the process began and in which boot, so that a reused pid is never
/// mistaken. Not synchronised.
class RunningRecords {
public:
    explicit RunningRecords(std::string folder) : folder_(std::move(folder)) {}

    /// Records a process of ours; errors are of no consequence while the server runs.
    void add(pid_t pid) const;
    void remove(pid_t pid) const;

    /// Ends every recorded process that still runs and is not in \a keep, waits for it, and removes its record. Returns
    /// how many were ended.
    int end_leftovers(const std::set<pid_t>& keep) const;

private:
    std::string folder_;
};

}  // namespace osmia::supervisor
