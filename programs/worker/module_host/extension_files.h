/// \file
/// Where the bytes of extensions come from: the deployed files, or the last good copies of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/extension_manifest.h"

namespace osmia::worker {

/// What load_copy() and collecting read from.
class ExtensionFiles {
public:
    virtual ~ExtensionFiles() = default;
    virtual bool has(const std::string& path) = 0;
    virtual Result<std::vector<std::byte>> read(const std::string& path) = 0;
};

/// The files as they are deployed. A file is read when nobody has written to it for a moment, as far as can be seen.
class DeployedFiles final : public ExtensionFiles {
public:
    bool has(const std::string& path) override;
    /// NotFound; Busy when it does not come to rest; Invalid when it is no regular file or too large.
    Result<std::vector<std::byte>> read(const std::string& path) override;
};

/// The copies that a manifest names.
class StoredFiles final : public ExtensionFiles {
public:
    StoredFiles(std::string folder, wire::StoredExtension extension)
        : folder_(std::move(folder)), extension_(std::move(extension)) {}
    bool has(const std::string& path) override;
    /// Invalid when the bytes are not those that the name promises.
    Result<std::vector<std::byte>> read(const std::string& path) override;

private:
    std::string folder_;
    wire::StoredExtension extension_;
};

/// The manifest in \a folder; empty when there is none.
wire::ExtensionManifest read_manifest(const std::string& folder);

/// A deployed file at one moment, without its bytes.
struct FileState {
    bool exists = false;
    unsigned long long device = 0, inode = 0;
    long long size = 0, modified = 0, changed = 0;  ///< times in nanoseconds since 1970
    bool operator==(const FileState&) const = default;
};
FileState file_state(const std::string& path);
/// Nobody has touched it for \a milliseconds.
bool is_settled(const FileState& state, long long milliseconds);

}  // namespace osmia::worker
