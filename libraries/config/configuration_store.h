/// \file
/// Changing a configuration file on disk: writers take turns, readers see the old or the new file, whole.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"

namespace osmia::config {

/// How long a writer waits for others.
inline constexpr std::chrono::seconds max_wait_for_writers{30};

/// From the file's bytes (empty: there is no such file) to its new ones.
using FileChange = std::function<Result<std::string>(const std::string& bytes)>;

/// Replaces \a path by what \a change makes of it. The folder is locked (flock) meanwhile, so that no edit of another writer of
/// this kind is lost; when somebody else replaces the file between reading and writing, \a change is asked again. Symbolic
/// links are followed; owner and mode stay. The new file is written beside the old one, synced and renamed: after a crash
/// the old one is there. Nothing is written when the bytes stay the same. Busy: others did not finish in time.
Result<void> change_file(const std::string& path, const FileChange& change, unsigned mode_of_new_file = 0644);

}  // namespace osmia::config
