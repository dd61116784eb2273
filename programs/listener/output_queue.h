/// \file
/// Bytes and file ranges on their way to one client.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "listener/transport.h"

namespace osmia::listener {

/// A file that a worker passed. Shared by the worker's table and the responses that send from it.
struct OpenFile {
    UniqueFd fd;
    std::uint64_t size = 0;
};

enum class SendState {
    Done,
    Blocked,
    NeedsRead,  ///< the next part of a file is not in memory: OutputQueue::wanted_range()
    Failed,
};

/// A queue of segments, sent in order. Keeps the capacity of its first buffer from response to response.
class OutputQueue {
public:
    bool empty() const { return offset_ == front_.size() && files_.empty(); }
    /// Bytes held in memory.
    std::size_t held_bytes() const { return held_; }
    void append(std::string_view bytes);
    void append_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length);
    /// Gives memory back; only when empty.
    void release_memory();

    /// Sends what it can without blocking, neither on the socket nor on a disk.
    SendState flush(Transport& transport);
    /// Sends the queue and then \a pieces in one call where possible. \a taken tells how many bytes of the pieces went;
    /// the rest stays the caller's. The pieces may lie in memory that another process changes.
    SendState send(Transport& transport, const iovec* pieces, int count, std::size_t& taken);
    /// After NeedsRead: the range to bring into memory. Calling it means that this will be done.
    struct Range {
        std::shared_ptr<OpenFile> file;
        std::uint64_t offset;
        std::uint64_t length;
    };
    Range wanted_range();
    /// Sends at most this much more until it is called again; then flush() and send() say Blocked.
    void set_budget(std::uint64_t bytes) { budget_ = bytes; }
    bool budget_is_spent() const { return budget_ == 0; }
    /// Bytes given to the transport since the last call.
    std::uint64_t take_sent() { return std::exchange(sent_, 0); }

private:
    struct FileSegment {
        std::shared_ptr<OpenFile> file;
        std::uint64_t offset;
        std::uint64_t length;
        std::string after;               ///< bytes behind the file
        std::uint64_t resident_until = 0;  ///< what has been read for it
    };
    void count_sent(std::uint64_t bytes) {
        sent_ += bytes;
        budget_ -= std::min(budget_, bytes);
    }
    SendState flush_files(Transport& transport);
    SendState flush_bytes(Transport& transport, bool more);

    std::string front_;
    std::size_t offset_ = 0;
    std::deque<FileSegment> files_;
    std::size_t held_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t budget_ = ~std::uint64_t{0};
};

}  // namespace osmia::listener
