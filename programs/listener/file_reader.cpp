#include "listener/file_reader.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace osmia::listener {

FileReader::FileReader(Reactor& reactor, FileReaderEvents& events)
    : reactor_(reactor), events_(events), done_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    reactor_.add(done_event_, this, EPOLLIN);
}

FileReader::~FileReader() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
    reactor_.remove(done_event_);
}

void FileReader::read(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length, std::uint64_t connection_id) {
    const std::lock_guard lock(mutex_);
    while (threads_.size() < FileReaderThreads) threads_.emplace_back([this] { run(); });
    jobs_.push_back({std::move(file), offset, length, connection_id});
    changed_.notify_one();
}

void FileReader::run() {
    thread_local std::array<char, 128 * 1024> discarded;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        while (job.length > 0) {
            const auto step = std::min<std::uint64_t>(job.length, discarded.size());
            const ssize_t size = ::pread(job.file->fd.get(), discarded.data(), step, static_cast<off_t>(job.offset));
            if (size <= 0) break;  // sendfile will meet the same error
            job.offset += static_cast<std::uint64_t>(size);
            job.length -= static_cast<std::uint64_t>(size);
        }
        const std::uint64_t id = job.connection_id;
        job = {};
        lock.lock();
        done_.push_back(id);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(done_event_.get(), &one, sizeof one);
    }
}

void FileReader::on_io(std::uint32_t) {
    std::uint64_t count;
    [[maybe_unused]] const auto size = ::read(done_event_.get(), &count, sizeof count);
    std::vector<std::uint64_t> done;
    {
        const std::lock_guard lock(mutex_);
        done = std::exchange(done_, {});
    }
    for (const std::uint64_t id : done) events_.on_file_read(id);
}

}  // namespace osmia::listener
