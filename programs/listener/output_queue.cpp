#include "listener/output_queue.h"

#include <sys/uio.h>

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

SendState state_of(IoState state) {
    if (state == IoState::Ok) return SendState::Done;
    return state == IoState::Blocked ? SendState::Blocked : SendState::Failed;
}

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

SendState OutputQueue::flush_bytes(Transport& transport, bool more) {
    while (offset_ < front_.size()) {
        if (budget_ == 0) return SendState::Blocked;
        const iovec rest{front_.data() + offset_, std::min<std::uint64_t>(front_.size() - offset_, budget_)};
        const IoResult written = transport.write(&rest, 1, more);
        if (written.state != IoState::Ok) return state_of(written.state);
        offset_ += written.size;
        held_ -= written.size;
        count_sent(written.size);
    }
    front_.clear();
    offset_ = 0;
    return SendState::Done;
}

SendState OutputQueue::flush_files(Transport& transport) {
    while (!files_.empty()) {
        FileSegment& segment = files_.front();
        while (segment.length > 0) {
            if (budget_ == 0) return SendState::Blocked;
            const std::uint64_t step = std::min({segment.length, MaxFileStep, budget_});
            if (segment.offset >= segment.resident_until) {
                const int file = segment.file->fd.get();
                if (!is_resident(file, segment.offset) || !is_resident(file, segment.offset + step - 1)) return SendState::NeedsRead;
                segment.resident_until = segment.offset + step;
            }
            const IoResult sent = transport.send_file(segment.file->fd.get(), segment.offset, std::min(step, segment.resident_until - segment.offset));
            if (sent.state != IoState::Ok) return state_of(sent.state);
            if (sent.size == 0) return SendState::Failed;  // truncated meanwhile: the promised length cannot be kept
            segment.offset += sent.size;
            segment.length -= sent.size;
            count_sent(sent.size);
        }
        front_ = std::move(segment.after);
        files_.pop_front();
        if (const auto state = flush_bytes(transport, !files_.empty()); state != SendState::Done) return state;
    }
    return SendState::Done;
}

SendState OutputQueue::flush(Transport& transport) {
    if (const auto state = flush_bytes(transport, !files_.empty()); state != SendState::Done) return state;
    if (const auto state = flush_files(transport); state != SendState::Done) return state;
    return state_of(transport.flush());
}

OutputQueue::Range OutputQueue::wanted_range() {
    FileSegment& segment = files_.front();
    const std::uint64_t step = std::min(segment.length, MaxFileStep);
    segment.resident_until = segment.offset + step;
    return {segment.file, segment.offset, step};
}

SendState OutputQueue::send(Transport& transport, const iovec* pieces, int count, std::size_t& taken) {
    taken = 0;
    if (!files_.empty()) {
        if (const auto state = flush(transport); state != SendState::Done) return state;
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
    if (budget_ == 0) return SendState::Blocked;
    std::uint64_t room = budget_;
    for (int i = 0; i < used; ++i) {
        vector[i].iov_len = std::min<std::uint64_t>(vector[i].iov_len, room);
        room -= vector[i].iov_len;
    }
    const IoResult written = transport.write(vector, static_cast<std::size_t>(used), false);
    if (written.state != IoState::Ok) return state_of(written.state);
    const std::size_t sent = written.size;
    count_sent(sent);
    const std::size_t from_queue = std::min(sent, queued);
    offset_ += from_queue;
    held_ -= from_queue;
    taken = sent - from_queue;
    if (offset_ == front_.size()) {
        front_.clear();
        offset_ = 0;
    }
    return sent == total ? state_of(transport.flush()) : SendState::Blocked;
}

}  // namespace osmia::listener
