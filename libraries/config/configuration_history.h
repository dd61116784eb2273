/// \file
/// Earlier versions of applicationHost.config, each in a folder CFGHISTORY_0000000001 and on, as IIS keeps them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace osmia::config {

struct HistoryEntry {
    std::string id;  ///< "0000000001"
    std::chrono::system_clock::time_point time;
    std::size_t bytes = 0;
};

/// Backups by name beside them, appcmd's: the same, but never dropped.
class ConfigurationHistory {
public:
    /// \a folder is made when something is kept, for its owner alone: configurations hold secrets.
    explicit ConfigurationHistory(std::string folder) : folder_(std::move(folder)) {}

    /// Keeps a version unless it is the newest already; the oldest beyond \a limit go.
    Result<void> keep(std::string_view bytes, std::size_t limit) const;

    /// Oldest first.
    std::vector<HistoryEntry> list() const;

    /// A version by its id, with or without leading zeros. NotFound: there is none.
    Result<std::string> read(std::string_view id) const;

    /// Backups. Invalid: the name is no file name. Busy: it exists already.
    Result<void> add_backup(const std::string& name, std::string_view bytes) const;
    std::vector<std::string> backups() const;
    Result<std::string> read_backup(const std::string& name) const;
    Result<void> remove_backup(const std::string& name) const;

private:
    std::string folder_;
};

}  // namespace osmia::config
