#include "listener/http2_content.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace osmia::listener {

namespace {

/// What one look at a disk brings into memory.
constexpr std::uint64_t FileStep = 512 * 1024;
/// A new string begins when the last one is at least this long, so that sent bytes are given back soon.
constexpr std::size_t SegmentBytes = 16 * 1024;

}  // namespace

void Http2Content::append(std::string_view bytes) {
    held_ += bytes.size();
    if (segments_.empty() || segments_.back().file != nullptr || segments_.back().bytes.size() >= SegmentBytes) segments_.emplace_back();
    segments_.back().bytes.append(bytes);
}

void Http2Content::append_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) {
    Segment& segment = segments_.emplace_back();
    segment.file = std::move(file);
    segment.offset = offset;
    segment.length = length;
}

std::ptrdiff_t Http2Content::read_file(Segment& segment, std::span<char> target) {
    const iovec piece{target.data(), std::min<std::uint64_t>(target.size(), segment.length)};
    const int fd = segment.file->fd.get();
    const auto offset = static_cast<off_t>(segment.offset);
    if (segment.offset < segment.resident_until) return ::preadv(fd, &piece, 1, offset);
    const ssize_t size = ::preadv2(fd, &piece, 1, offset, RWF_NOWAIT);
    return size < 0 && errno == EOPNOTSUPP ? ::preadv(fd, &piece, 1, offset) : size;
}

Http2Content::Outcome Http2Content::read(std::span<char> target) {
    std::size_t filled = 0;
    while (filled < target.size() && !segments_.empty()) {
        Segment& segment = segments_.front();
        const auto room = target.subspan(filled);
        if (segment.file == nullptr) {
            const std::size_t size = std::min(room.size(), segment.bytes.size() - segment.used);
            std::memcpy(room.data(), segment.bytes.data() + segment.used, size);
            segment.used += size;
            held_ -= size;
            filled += size;
            if (segment.used == segment.bytes.size()) segments_.pop_front();
            continue;
        }
        const auto got = read_file(segment, room);
        if (got < 0 && errno == EAGAIN) {
            if (filled == 0) return {State::NeedsRead, 0};
            break;
        }
        if (got <= 0) return {State::Failed, 0};  // truncated meanwhile: the promised length cannot be kept
        segment.offset += static_cast<std::uint64_t>(got);
        segment.length -= static_cast<std::uint64_t>(got);
        filled += static_cast<std::size_t>(got);
        if (segment.length == 0) segments_.pop_front();
    }
    return {State::Ok, filled};
}

OutputQueue::Range Http2Content::wanted_range() {
    Segment& segment = segments_.front();
    const std::uint64_t step = std::min(segment.length, FileStep);
    segment.resident_until = segment.offset + step;
    return {segment.file, segment.offset, step};
}

}  // namespace osmia::listener
