/// \file
/// Content on its way to one HTTP/2 stream: bytes and file ranges.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "listener/output_queue.h"

namespace osmia::listener {

/// A queue that the frame engine reads from as the client's windows allow. Never blocks on a disk.
class Http2Content {
public:
    bool empty() const { return segments_.empty(); }
    /// Bytes held in memory.
    std::size_t held_bytes() const { return held_; }
    void append(std::string_view bytes);
    void append_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length);

    enum class State { Ok, NeedsRead, Failed };
    struct Outcome {
        State state = State::Ok;
        std::size_t size = 0;
    };
    /// Fills \a target as far as it can. NeedsRead comes with size 0: wanted_range() first.
    Outcome read(std::span<char> target);
    /// After NeedsRead: the range to bring into memory. Calling it means that this will be done.
    OutputQueue::Range wanted_range();

private:
    struct Segment {
        std::string bytes;
        std::size_t used = 0;
        std::shared_ptr<OpenFile> file;
        std::uint64_t offset = 0, length = 0;
        std::uint64_t resident_until = 0;  ///< what has been read for it
    };
    std::ptrdiff_t read_file(Segment& segment, std::span<char> target);

    std::deque<Segment> segments_;
    std::size_t held_ = 0;
};

}  // namespace osmia::listener
