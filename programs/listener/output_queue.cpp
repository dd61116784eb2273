#include "listener/output_queue.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace osmia::listener {

namespace {

/// One sendfile call sends at most this much, so that one fast client does not hold up a reactor turn.
constexpr std::uint64_t MaxFileStep = 512 * 1024;

/// True when a byte of the file is in the page cache, or the file system cannot tell.
bool is_resident(int fd, std::uint64_t offset) {
    char byte;
    iovec target{&byte, 1};
    return ::preadv2(fd, &target, 1, static_cast<off_t>(offset), RWF_NOWAIT) >= 0 || errno != EAGAIN;
}

SendState state_of_errno() { return errno == EAGAIN || errno == EINTR ? SendState::Blocked : SendState::Failed; }

}  // namespace

void OutputQueue::append(std::string_view bytes) {
    held_ += bytes.size();
    if (!files_.empty()) {
        files_.back().after.append(bytes);
        return;
    }
    if (offset_ == front_.size()) {
        front_.clear();
        offset_ = 0;
    }
    front_.append(bytes);
}

void OutputQueue::append_file(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length) {
    files_.push_back({std::move(file), offset, length, {}, 0});
}

void OutputQueue::release_memory() {
    if (front_.capacity() > 1024) front_ = std::string();
}

SendState OutputQueue::flush_bytes(int fd, bool more) {
    while (offset_ < front_.size()) {
        const ssize_t size = ::send(fd, front_.data() + offset_, front_.size() - offset_, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
        if (size < 0) return state_of_errno();
        offset_ += static_cast<std::size_t>(size);
        held_ -= static_cast<std::size_t>(size);
        sent_ += static_cast<std::uint64_t>(size);
    }
    front_.clear();
    offset_ = 0;
    return SendState::Done;
}

SendState OutputQueue::flush_files(int fd) {
    while (!files_.empty()) {
        FileSegment& segment = files_.front();
        while (segment.length > 0) {
            off_t offset = static_cast<off_t>(segment.offset);
            const std::uint64_t step = std::min(segment.length, MaxFileStep);
            if (segment.offset >= segment.resident_until) {
                const int file = segment.file->fd.get();
                if (!is_resident(file, segment.offset) || !is_resident(file, segment.offset + step - 1)) return SendState::NeedsRead;
                segment.resident_until = segment.offset + step;
            }
            const ssize_t size = ::sendfile(fd, segment.file->fd.get(), &offset, std::min(step, segment.resident_until - segment.offset));
            if (size < 0) return state_of_errno();
            if (size == 0) return SendState::Failed;  // truncated meanwhile: the promised length cannot be kept
            segment.offset += static_cast<std::uint64_t>(size);
            segment.length -= static_cast<std::uint64_t>(size);
            sent_ += static_cast<std::uint64_t>(size);
        }
        front_ = std::move(segment.after);
        files_.pop_front();
        if (const auto state = flush_bytes(fd, !files_.empty()); state != SendState::Done) return state;
    }
    return SendState::Done;
}

SendState OutputQueue::flush(int fd) {
    if (const auto state = flush_bytes(fd, !files_.empty()); state != SendState::Done) return state;
    return flush_files(fd);
}

OutputQueue::Range OutputQueue::wanted_range() {
    FileSegment& segment = files_.front();
    const std::uint64_t step = std::min(segment.length, MaxFileStep);
    segment.resident_until = segment.offset + step;
    return {segment.file, segment.offset, step};
}

SendState OutputQueue::send(int fd, const iovec* pieces, int count, std::size_t& taken) {
    taken = 0;
    if (!files_.empty()) {
        if (const auto state = flush(fd); state != SendState::Done) return state;
    }
    const std::size_t queued = front_.size() - offset_;
    iovec vector[4];
    int used = 0;
    std::size_t total = queued;
    if (queued > 0) vector[used++] = {front_.data() + offset_, queued};
    for (int i = 0; i < count && used < 4; ++i) {
        vector[used++] = pieces[i];
        total += pieces[i].iov_len;
    }
    msghdr header{};
    header.msg_iov = vector;
    header.msg_iovlen = static_cast<std::size_t>(used);
    const ssize_t size = ::sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) return state_of_errno();
    const auto sent = static_cast<std::size_t>(size);
    sent_ += sent;
    const std::size_t from_queue = std::min(sent, queued);
    offset_ += from_queue;
    held_ -= from_queue;
    taken = sent - from_queue;
    if (offset_ == front_.size()) {
        front_.clear();
        offset_ = 0;
    }
    return sent == total ? SendState::Done : SendState::Blocked;
}

}  // namespace osmia::listener
