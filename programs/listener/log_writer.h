/// \file
/// Writes logs to disk on a thread of its own, so that no request waits for a disk.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace osmia::listener {

/// The most text that waits for the disk, of all logs together; beyond it LogWriter::write() refuses.
inline constexpr std::size_t MaxUnwrittenLogBytes = 4 << 20;

/// One thread, made with the first text; it blocks in write(2) and nowhere else. The destructor writes what is left.
class LogWriter {
public:
    ~LogWriter();

    /// Takes the text for \a file, whole lines; false when too much waits already. Any one thread.
    bool write(std::uint32_t site_id, std::shared_ptr<const UniqueFd> file, std::string text);
    /// Lines that the disk refused since the last call, by site.
    std::vector<std::pair<std::uint32_t, std::uint64_t>> take_lost();

private:
    struct Job {
        std::uint32_t site_id;
        std::shared_ptr<const UniqueFd> file;
        std::string text;
    };
    void run();

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::size_t waiting_bytes_ = 0;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> lost_;
    std::thread thread_;
    bool stopping_ = false;
};

}  // namespace osmia::listener
