/// \file
/// Shared objects: the only place of the tree that loads code.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "worker/module_host/extension_files.h"

namespace osmia::worker {

/// The largest file that load_copy() takes.
inline constexpr std::size_t MaxSharedObjectBytes = std::size_t{1} << 30;

/// A mapped shared object. Never unmapped: threads that it made may still run in it.
class SharedObject {
public:
    /// Maps the file at \a path as it is: for the server's own modules, which nobody replaces under a running
    /// worker.
    static Result<std::unique_ptr<SharedObject>> load(const std::string& path);

    /// Maps a private, sealed copy of the file's bytes, so that the original can be overwritten or deleted at
    /// any time. Libraries that it needs and that lie where its own $ORIGIN paths or its folder say are
    /// mapped first, as copies too.
    static Result<std::unique_ptr<SharedObject>> load_copy(const std::string& path, ExtensionFiles& files);
    static Result<std::unique_ptr<SharedObject>> load_copy(const std::string& path);

    /// What load_copy(\a path, \a files) would map, the object itself first.
    struct Part {
        std::string path;
        std::string hash;
        UniqueFd copy;  ///< a sealed memfd
    };
    static Result<std::vector<Part>> collect(const std::string& path, ExtensionFiles& files);

    /// A function or object by name; null when it is not exported.
    void* symbol(const char* name) const;
    /// The file asked for, not the copy.
    const std::string& path() const { return path_; }
    /// SHA-256 of the bytes that are mapped; empty after load().
    const std::string& hash() const { return hash_; }
    /// Every file that was copied for it, itself first; a library that an earlier object brought is among them too.
    const std::vector<wire::StoredFile>& files() const { return files_; }
    /// Where the image lies in memory.
    const void* base() const { return base_; }
    std::size_t size() const { return size_; }

private:
    SharedObject(std::string path, std::vector<wire::StoredFile> files, void* handle);

    std::string path_;
    std::string hash_;
    std::vector<wire::StoredFile> files_;
    void* handle_;
    const void* base_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace osmia::worker
