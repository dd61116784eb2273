#include "supervisor/file_watch.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

namespace osmia::supervisor {

namespace {

/// What tells one state of a file from another; empty when it is not there.
std::string stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return fmt::format("{} {} {} {}.{} {}.{}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

}  // namespace

FileWatch::FileWatch(EventLoop& loop, std::string path, std::function<void()> changed)
    : loop_(loop), path_(std::move(path)), changed_(std::move(changed)), inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    settle();
    if (inotify_) {
        watch_folder(path_);
        char target[PATH_MAX];
        if (::realpath(path_.c_str(), target) != nullptr && target != path_) watch_folder(target);
        loop_.add(inotify_, EPOLLIN, [this](std::uint32_t) { on_events(); });
    }
    look();
}

FileWatch::~FileWatch() {
    if (inotify_) loop_.remove(inotify_);
    loop_.cancel(timer_);
    loop_.cancel(look_timer_);
}

void FileWatch::watch_folder(const std::string& path) {
    const auto slash = path.rfind('/');
    names_.push_back(path.substr(slash + 1));
    ::inotify_add_watch(inotify_.get(), path.substr(0, slash + 1).c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE);
}

void FileWatch::settle() {
    known_ = stamp_of(path_);
    loop_.cancel(timer_);
    first_touch_.reset();
}

void FileWatch::on_events() {
    alignas(inotify_event) char buffer[4096];
    bool ours = false;
    for (ssize_t size; (size = ::read(inotify_.get(), buffer, sizeof buffer)) > 0;) {
        for (const char* at = buffer; at < buffer + size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            ours = ours || (event->len > 0 && std::find(names_.begin(), names_.end(), event->name) != names_.end());
            at += sizeof *event + event->len;
        }
    }
    if (ours) touched();
}

void FileWatch::look() {
    if (!first_touch_ && stamp_of(path_) != known_) touched();
    look_timer_ = loop_.after(Longest - Quiet, [this] { look(); });
}

void FileWatch::touched() {
    const auto now = EventLoop::Clock::now();
    if (!first_touch_) first_touch_ = now;
    loop_.cancel(timer_);
    timer_ = loop_.at(std::min(now + Quiet, *first_touch_ + Longest), [this] { ripe(); });
}

void FileWatch::ripe() {
    const std::string before = known_;
    settle();
    if (known_ != before && !known_.empty()) changed_();
}

}  // namespace osmia::supervisor
