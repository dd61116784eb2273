/// \file
/// Which files the listener knows, by number, so that a descriptor is passed once per file.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "wire/worker_end.h"

namespace osmia::worker {

/// Files that one channel can name at once.
inline constexpr std::uint32_t FileTableSize = 256;

/// The numbers of one channel. Thread-safe.
class FileTable {
public:
    /// Sends the descriptor of a file under a number.
    using Pass = std::function<Result<void>(std::uint32_t id, std::uint32_t generation, int fd)>;
    /// Tells whether the listener has consumed what was written before a mark.
    using Consumed = std::function<bool(const wire::WorkerEnd::WriteMark&)>;

    FileTable(Pass pass, Consumed consumed) : pass_(std::move(pass)), consumed_(std::move(consumed)) {}

    struct Number {
        std::uint32_t id;
        std::uint32_t generation;
    };
    /// The number of the file, passing it if it has none. \a use is called while the number is certain to
    /// stand and writes the record that names it; its mark keeps the number until it is consumed. False: no
    /// number is free, or the listener's socket is full; send the bytes instead.
    bool with_number(int fd, const std::function<wire::WorkerEnd::WriteMark(Number)>& use);

private:
    struct Entry {
        bool used = false;
        std::uint64_t device = 0, inode = 0;
        std::int64_t size = 0, seconds = 0, nanoseconds = 0;
        std::uint32_t generation = 0;
        std::uint64_t last_use = 0;
        std::vector<wire::WorkerEnd::WriteMark>
            marks;  ///< records that name the entry and may not be consumed yet
    };

    Entry* find_or_pass(int fd);
    Entry* reusable_entry();

    Pass pass_;
    Consumed consumed_;
    std::mutex mutex_;
    std::uint64_t clock_ = 0;
    std::array<Entry, FileTableSize> entries_;
};

}  // namespace osmia::worker
