/// \file
/// Shared objects: the only place of the tree that loads code.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia::worker {

/// A mapped shared object. Never unmapped: threads that it made may still run in it.
class SharedObject {
public:
    /// Maps the file at \a path as it is: for the server's own modules, which nobody replaces under a running worker.
    static Result<std::unique_ptr<SharedObject>> load(const std::string& path);

    /// Maps a private copy of the file, made in \a folder, so that the original can be overwritten or deleted at any time.
    /// The copy is found under the original's path by whoever asks (GetModuleFileName), and libraries that it needs are taken
    /// from the original's folder first.
    static Result<std::unique_ptr<SharedObject>> load_copy(const std::string& path, const std::string& folder);

    /// A function or object by name; null when it is not exported.
    void* symbol(const char* name) const;
    const std::string& path() const { return path_; }
    /// SHA-256 of the bytes that are mapped, in hexadecimal; empty for load().
    const std::string& hash() const { return hash_; }

private:
    SharedObject(std::string path, std::string hash, void* handle)
        : path_(std::move(path)), hash_(std::move(hash)), handle_(handle) {}

    std::string path_;
    std::string hash_;
    void* handle_;
};

}  // namespace osmia::worker
