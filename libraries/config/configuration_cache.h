/// \file
/// The worker's way to an EffectiveConfiguration: reads the web.config files on a URL's way under the worker's own
/// identity, keeps the results, and looks at the files again at most once a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/effective_configuration.h"
#include "config/server_configuration.h"

namespace osmia::config {

class ConfigurationFile;  ///< configuration_file.h
class SectionSet;         ///< section_set.h

/// What tells one state of a file from another.
struct FileStamp {
    bool exists = false;
    bool directory = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t modified_nanoseconds = 0;
    std::int64_t changed_nanoseconds = 0;
    std::int64_t size = 0;

    bool operator==(const FileStamp&) const = default;
};

/// The file system as the cache sees it: a seam for tests. Called by any thread, several at once.
class FolderFiles {
public:
    virtual ~FolderFiles() = default;
    /// A missing file (also one below something that is no folder) is success with exists == false.
    virtual Result<FileStamp> stamp(const std::string& path) = 0;
    virtual Result<std::string> read(const std::string& path) = 0;
};

/// The real file system, with the caller's identity.
FolderFiles& disk_files();

/// A web.config may have this many bytes; a larger one is a 500.19.
inline constexpr std::size_t max_web_config_bytes = 1 << 20;
/// A URL path may lead through this many folders; a deeper one is an error, since its web.config might close it.
inline constexpr std::size_t max_configuration_depth = 256;
/// URL paths remembered; the least recently used goes first.
inline constexpr std::size_t max_cached_urls = 4096;
/// A longer URL path is looked up each time.
inline constexpr std::size_t max_cached_url_length = 1024;

/// Finds the configuration in force at a URL. Thread-safe. Keeps \a configuration alive; \a files must outlive it.
class ConfigurationCache {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// An edit of a web.config, its appearance or its disappearance is seen at the latest this long after.
    static constexpr std::chrono::milliseconds recheck_interval{1000};

    explicit ConfigurationCache(std::shared_ptr<const ServerConfiguration> configuration,
                                FolderFiles& files = disk_files(), Clock clock = &std::chrono::steady_clock::now);
    ~ConfigurationCache();
    ConfigurationCache(const ConfigurationCache&) = delete;
    ConfigurationCache& operator=(const ConfigurationCache&) = delete;

    /// The configuration for a normalised, decoded URL path of a site. Never null. An unknown site, a bad or unreadable
    /// web.config, a section that must not be ignored, or a path with "." or ".." is an object with its error set: answer 500.19.
    std::shared_ptr<const EffectiveConfiguration> find(std::uint32_t site_id, std::string_view url_path);

    /// For tools: the sections in force at a URL as they were merged, where every setting and item knows its file and line.
    /// Null for an unknown site or an unusable path.
    std::shared_ptr<const SectionSet> sections(std::uint32_t site_id, std::string_view url_path);

    /// For tools: the files that count at a URL, the machine's first.
    std::vector<std::shared_ptr<const ConfigurationFile>> files(std::uint32_t site_id, std::string_view url_path);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace osmia::config
