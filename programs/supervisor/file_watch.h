/// \file
/// Tells when the configuration file was edited.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/unique_fd.h"

namespace osmia::supervisor {

/// Watches one file by inotify on its folder, and looks at it once a second where there is no inotify (network folders, a link
/// that is turned). A burst of edits is told once, when nothing was written for Quiet, but not later than Longest after the
/// first. One thread: the loop's.
class FileWatch {
public:
    static constexpr std::chrono::milliseconds Quiet{300};
    static constexpr std::chrono::milliseconds Longest{1000};

    FileWatch(EventLoop& loop, std::string path, std::function<void()> changed);
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    /// The file is about to be read: what it is now is known.
    void settle();

private:
    void watch_folder(const std::string& path);
    void on_events();
    void look();
    void touched();
    void ripe();

    EventLoop& loop_;
    std::string path_;
    std::function<void()> changed_;
    UniqueFd inotify_;
    std::vector<std::string> names_;
    std::string known_;  ///< what the file was like when it was last read
    EventLoop::TimerId timer_ = 0;
    EventLoop::TimerId look_timer_ = 0;
    std::optional<EventLoop::Clock::time_point> first_touch_;
};

}  // namespace osmia::supervisor
