/// \file
/// Brings file pages into memory on threads of their own, so that a disk never holds up the reactor.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "listener/output_queue.h"
#include "listener/reactor.h"

namespace osmia::listener {

/// Threads that read files which are not in the page cache.
inline constexpr unsigned FileReaderThreads = 2;

/// Is told, on the reactor's thread, that what a connection waited for has been read (or cannot be).
class FileReaderEvents {
public:
    virtual ~FileReaderEvents() = default;
    virtual void on_file_read(std::uint64_t connection_id) = 0;
};

/// One per reactor. Its queue is bounded by the number of connections: each waits for one range at most. Threads are
/// made with the first request.
class FileReader final : public IoHandler {
public:
    FileReader(Reactor& reactor, FileReaderEvents& events);
    ~FileReader() override;

    /// Reads the range, then reports the connection. The connection may go meanwhile; the file stays open until then.
    void read(std::shared_ptr<OpenFile> file, std::uint64_t offset, std::uint64_t length, std::uint64_t connection_id);
    void on_io(std::uint32_t events) override;

private:
    struct Job {
        std::shared_ptr<OpenFile> file;
        std::uint64_t offset;
        std::uint64_t length;
        std::uint64_t connection_id;
    };
    void run();

    Reactor& reactor_;
    FileReaderEvents& events_;
    UniqueFd done_event_;
    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    std::vector<std::uint64_t> done_;
    std::vector<std::thread> threads_;
    bool stopping_ = false;
};

}  // namespace osmia::listener
