/// \file
/// Files of the sites as requests need them: facts, validators, small contents, descriptors of larger ones.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/unique_fd.h"

namespace osmia::worker {

/// Files remembered at once, and what they may hold; when one of these is reached, all are forgotten.
inline constexpr std::size_t MaxCachedFiles = 512;
inline constexpr std::size_t MaxCachedFileBytes = 16 << 20;
inline constexpr std::size_t MaxCachedDescriptors = 64;
/// A file up to this size is kept as bytes.
inline constexpr std::size_t MaxCachedContent = 32 * 1024;

/// A regular file or a folder, as it was found. Immutable.
struct SiteFile {
    UniqueFd fd;  ///< of a regular file whose content is not here
    struct stat facts {};
    bool has_content = false;
    std::string content;
    std::string last_modified;  ///< an HTTP date
    std::string etag;           ///< quoted, strong
};

/// Looks at a file again when it has not for a second, so a change is seen within that time. Files of one worker, opened
/// under its one identity. Thread-safe.
class FileCache {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds Lifetime{1000};

    /// Null with errno set when there is nothing at \a relative below \a root, or neither file nor folder.
    std::shared_ptr<const SiteFile> find(const std::string& root, std::string_view relative, Clock::time_point now);
    /// Forgets what has not been asked for since \a before: a deleted file's space is free again.
    void forget(Clock::time_point before);

private:
    struct Entry {
        std::string root, relative;
        std::shared_ptr<const SiteFile> file;
        Clock::time_point checked;
        bool young = false;  ///< changed just before it was read: the next change may leave no other trace
    };
    static std::size_t hash(const std::string& root, std::string_view relative);
    void store(std::size_t key, Entry entry);
    void drop(const SiteFile& file);

    std::mutex mutex_;
    std::unordered_map<std::size_t, Entry> entries_;
    std::size_t bytes_ = 0;
    std::size_t descriptors_ = 0;
};

}  // namespace osmia::worker
