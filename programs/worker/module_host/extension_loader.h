/// \file
/// Which bytes of an extension this worker runs, and whether those that are deployed have become others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "worker/module_host/extension_files.h"
#include "worker/module_host/shared_object.h"

namespace osmia::worker {

/// Folders that one worker watches; more extensions are looked at once a second only.
inline constexpr std::size_t MaxWatchedFolders = 256;

/// Thread-safe. check() is for one thread.
class ExtensionLoader {
public:
    /// \a store is the pool's folder of last good copies; empty: there is none. \a changed is called by check(): what is
    /// deployed at this path is not what runs.
    ExtensionLoader(std::string store, std::function<void(const std::string& file)> changed);

    /// The deployed file when it is the last good one, or has rested for two seconds and was not refused; the last good
    /// copy when the file is missing, still being written, or does not load. Without a copy the deployed file.
    Result<std::unique_ptr<SharedObject>> load(const std::string& file);
    /// The last good copy: for an extension whose own start failed. NotFound when that is what load() gave.
    Result<std::unique_ptr<SharedObject>> load_last_good(const std::string& file, const std::string& failed_hash);

    /// Whether there is a last good copy of the file.
    bool has_copy(const std::string& file);

    /// Readable when a watched folder has changed: time for a check().
    const UniqueFd& events() const { return events_; }
    /// Looks at every loaded extension's files.
    void check();

private:
    struct Watched {
        std::map<std::string, FileState> files;
        bool changed = false;
    };

    Result<std::unique_ptr<SharedObject>> load_stored(const wire::StoredExtension& extension);
    void watch(const std::string& file, const SharedObject& object, bool changed);

    std::string store_;
    std::function<void(const std::string&)> changed_;
    UniqueFd events_;
    std::mutex mutex_;  ///< guards what follows
    std::map<std::string, Watched> watched_;
    std::map<std::string, int> folders_;
    wire::ExtensionManifest manifest_;  ///< for has_copy(): read anew when it was replaced
    FileState manifest_state_;
};

}  // namespace osmia::worker
