/// \file
/// The configuration at one path, made from the configuration one segment above. Internal to the library.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration_cache.h"
#include "config/machine_document.h"

namespace osmia::config {

/// A location tag of a web.config that waits for a deeper path.
struct PendingLocation {
    std::shared_ptr<const ConfigurationFile> file;
    SectionUse use;
    std::string path;  ///< from the site on, lower case
    int level = 0;     ///< of the file
};

/// Where a step down leads.
struct FolderStep {
    std::string path;      ///< "site/app/folder", lower case
    std::string web_file;  ///< the web.config to look for; empty: none counts here
    bool application_root = false;
    const PoolConfiguration* pool = nullptr;  ///< whose conditions hold; lives as long as the server configuration
};

/// What is in force at one path. Immutable.
struct FolderState {
    FolderStep step;
    FileStamp stamp;
    int level = 0;  ///< how many steps below the server; the level of this folder's web.config
    SectionSet sections;
    SectionSet inheritable;  ///< without what inheritInChildApplications="false" keeps back; for child applications
    std::vector<PendingLocation> pending;
    std::vector<std::shared_ptr<const ConfigurationFile>> files;  ///< the machine's and each web.config so far
    std::shared_ptr<const EffectiveConfiguration> effective;
    std::shared_ptr<const FolderState> above;
};

/// The state in front of any site.
std::shared_ptr<const FolderState> server_state(const ServerConfiguration& configuration,
                                                const PoolConfiguration& pool);

/// Goes one segment down from \a above, whose error is passed on: no file below a bad one is read. \a content is the
/// web.config's text, nothing when there is none (stamp.exists is false), an error when it cannot be read. \a sources reads
/// the files that a configSource in it names.
std::shared_ptr<const FolderState> step_down(const std::shared_ptr<const FolderState>& above, const FolderStep& step,
                                             const MachineDocument& machine, const FileStamp& stamp,
                                             std::optional<Result<std::string>> content,
                                             const SourceReader& sources = {});

/// True when a location tag, of the machine's file or of a web.config above, is for \a path or below it.
bool has_location_at_or_below(const FolderState& above, const MachineDocument& machine, const std::string& path);

}  // namespace osmia::config
