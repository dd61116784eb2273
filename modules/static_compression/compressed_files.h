/// \file
/// Compressed copies of files, in a folder of the pool's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace static_compression {

/// A file that is to be had compressed. The name says everything that the copy depends on, so a copy never goes stale.
struct Wanted {
    std::string path, etag, scheme;
    unsigned level = 0;
    std::string key() const;  ///< a file name
};

/// The copies, at most so many bytes of them; the least recently used go first. Thread-safe.
class CompressedFiles {
public:
    /// The folder is made with mode 0700. One that belongs to somebody else, or that others may write to, is not used.
    explicit CompressedFiles(std::string folder, std::uint64_t max_bytes);

    /// An open descriptor (the caller's) and the size; -1: there is no copy.
    int open(const Wanted& wanted, std::uint64_t& size);
    /// Counts a use; true when there were \a threshold within \a period, and nobody makes the copy yet. Then make() is due.
    bool is_due(const Wanted& wanted, unsigned threshold, std::chrono::milliseconds period);
    /// Makes the copy from an open file (the caller's). To be called after is_due() said so, on any thread.
    void make(const Wanted& wanted, int file);
    bool works() const { return works_; }

    /// Files larger than this are not compressed: it would hold a thread for too long.
    static constexpr std::uint64_t MaxFileBytes = 256 << 20;

private:
    struct Copy {
        std::uint64_t size = 0;
        std::uint64_t last_use = 0;
    };
    struct Uses {
        unsigned count = 0;
        std::chrono::steady_clock::time_point since;
        bool being_made = false;
    };
    void load();
    void add(const std::string& key, std::uint64_t size);
    std::string path_of(const std::string& key) const { return folder_ + "/" + key; }

    const std::string folder_;
    const std::uint64_t max_bytes_;
    bool works_ = false;
    std::mutex mutex_;
    std::map<std::string, Copy> copies_;
    std::map<std::string, Uses> uses_;
    std::uint64_t bytes_ = 0, clock_ = 0;
};

}  // namespace static_compression
