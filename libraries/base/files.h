/// \file
/// Small whole-file operations.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia {

/// Reads a regular file of at most \a limit bytes.
Result<std::string> read_file(const std::string& path, std::size_t limit = 64 << 20);

/// Replaces \a path with \a content: written beside it, synced, renamed. Readers see the old or the new file, whole.
Result<void> replace_file(const std::string& path, std::string_view content, unsigned mode = 0644);

/// Makes \a path and its missing parents with \a mode (parents 0755). An existing folder is success.
Result<void> make_directories(const std::string& path, unsigned mode = 0755);

/// Writes all of \a text to \a fd.
Result<void> write_all(BorrowedFd fd, std::string_view text);

/// The folder of the running executable, from /proc/self/exe.
Result<std::string> executable_folder();

}  // namespace osmia
