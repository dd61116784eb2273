/// \file
/// Keeps the last good copy of every extension that a pool runs, and notices when another is deployed.
///
/// Workers say what they have loaded and that a file has changed; both are hints. What is deployed is read by a helper
/// process under the pool's identity, which hands over sealed copies and tells whether they can be loaded. The copies go
/// to a folder that the pool's identity can read and not write.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/message_channel.h"
#include "supervisor/machinery.h"
#include "supervisor/process_watch.h"
#include "wire/extension_manifest.h"

namespace osmia::supervisor {

struct WorkerSettings;

/// A file that is missing for so long was removed, and not just on its way to be replaced.
inline constexpr std::chrono::seconds RemovalWait{10};

/// The folder of a pool's copies.
std::string extension_folder(const state::Folders& folders, const std::string& pool);

/// One per pool. One thread, the loop's.
class ExtensionKeeper {
public:
    struct Events {
        /// Whether a worker that takes requests runs \a file from other bytes than \a hash; "" asks for any bytes.
        std::function<bool(const std::string& file, const std::string& hash)> runs_other;
        /// Another version is kept from now on, or none: the pool's workers are out of date.
        std::function<void(const std::string& why)> replaced;
    };

    ExtensionKeeper(Machinery& machinery, std::string pool, Events events);
    ~ExtensionKeeper();
    ExtensionKeeper(const ExtensionKeeper&) = delete;
    ExtensionKeeper& operator=(const ExtensionKeeper&) = delete;

    /// New settings of the pool: makes the folder its identity's to read.
    Result<void> configure(std::shared_ptr<const WorkerSettings> settings);
    /// A worker runs this file from these bytes.
    void loaded(const std::string& file, const std::string& hash);
    /// A worker sees another file there.
    void changed(const std::string& file);

private:
    struct Collection {
        std::string file;
        std::unique_ptr<MessageChannel> channel;
        std::unique_ptr<ProcessWatch> watch;
        std::vector<wire::StoredFile> files;
        std::vector<UniqueFd> copies;
        std::optional<wire::Collected> outcome;
    };

    void collect(const std::string& file);
    void start_next();
    Result<void> start(const std::string& file);
    void on_message(ReceivedMessage raw);
    bool on_file(const wire::CollectedFile& message, std::vector<UniqueFd> fds);
    void on_ended();
    void judge(const Collection& done);
    void take(const Collection& done);
    void refuse(const Collection& done);
    void miss(const std::string& file);
    void remove(const std::string& file);
    Result<void> store(const Collection& done);
    Result<void> write_manifest();
    wire::StoredExtension* find(const std::string& file);

    Machinery& machinery_;
    std::string pool_;
    Events events_;
    std::string folder_;
    std::shared_ptr<const WorkerSettings> settings_;  // last owner: the youngest worker started with them
    wire::ExtensionManifest manifest_;
    std::deque<std::string> waiting_;
    std::unique_ptr<Collection> running_;
    std::map<std::string, EventLoop::TimerId> missing_;
    std::set<std::string> seen_to_change_;  ///< since it was judged last
    std::set<std::string> removable_;  ///< missing for RemovalWait
};

}  // namespace osmia::supervisor
