#include "listener/log_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace osmia::listener {

namespace {

/// How many lines of \a text could not be written: those of which at least a part is missing.
std::uint64_t write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

LogWriter::~LogWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool LogWriter::write(std::uint32_t site_id, std::shared_ptr<const UniqueFd> file, std::string text) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_bytes_ + text.size() > MaxUnwrittenLogBytes) return false;
        waiting_bytes_ += text.size();
        jobs_.push_back({site_id, std::move(file), std::move(text)});
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    }
    changed_.notify_one();
    return true;
}

std::vector<std::pair<std::uint32_t, std::uint64_t>> LogWriter::take_lost() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lost_, {});
}

void LogWriter::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        const std::uint64_t lost = write_all(job.file->get(), job.text);
        job.file.reset();
        lock.lock();
        waiting_bytes_ -= job.text.size();
        if (lost > 0) lost_.emplace_back(job.site_id, lost);
    }
}

}  // namespace osmia::listener
