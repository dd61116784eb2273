/// \file
/// The listener's log files: which lines go where, and when another file is asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "listener/log_writer.h"
#include "listener/reactor.h"
#include "listener/supervisor_channel.h"

namespace osmia::listener {

/// The id of the HTTPERR log among the sites' ids.
inline constexpr std::uint32_t ErrorLogSite = 0;
/// The most text that waits for a file or for its time, of all logs together. Lines beyond it are dropped, counted,
/// and told to the supervisor.
inline constexpr std::size_t MaxPendingLogBytes = 4 << 20;
/// The same of one log: a site whose folder cannot be written takes no other site's room.
inline constexpr std::size_t MaxPendingBytesOfOneLog = 1 << 20;

/// Collects lines and hands them to the writer's thread, at the latest half a second after they came. Files come from
/// the supervisor, which is asked with LogWanted: a log without lines has no file. Reactor's thread only.
class LogFiles {
public:
    LogFiles(Reactor& reactor, SupervisorChannel& supervisor) : reactor_(reactor), supervisor_(supervisor) {}
    ~LogFiles();

    /// Makes the log known, or gives it other columns; then it goes on in another file.
    void define(std::uint32_t site_id, std::string columns);
    /// The log ends: lines for it are ignored.
    void remove(std::uint32_t site_id);
    std::vector<std::uint32_t> defined() const;

    /// Appends a whole line, with its line feed, that was written at \a time_s (CLOCK_REALTIME).
    void append(std::uint32_t site_id, std::string_view line, std::int64_t time_s);

    void set_file(const wire::LogFile& file, UniqueFd fd);
    /// Uses no file any more that it has now.
    void reopen();
    /// True while lines wait for a file that was asked for.
    bool waits_for_file() const;
    /// Lines that were lost so far.
    std::uint64_t lost_lines() const { return lost_; }

private:
    struct Log {
        std::string columns;
        std::string pending;
        std::shared_ptr<const UniqueFd> file;  ///< last owner: the writer's thread
        std::int64_t valid_until_s = 0;
        std::int64_t asked_us = 0;
        std::uint64_t max_bytes = 0;
        std::uint64_t bytes = 0;
        std::uint64_t dropped = 0;  ///< since a remark said so
        bool headed = false;        ///< the file has this run's directives
        bool dirty = false;         ///< it is in dirty_
    };

    void ask_for_file(std::uint32_t site_id, Log& log);
    void hand_over(std::uint32_t site_id, Log& log);
    void close_file(std::uint32_t site_id, Log& log);
    void count_lost(std::uint32_t site_id, std::uint64_t lines);
    void on_flush_time();

    Reactor& reactor_;
    SupervisorChannel& supervisor_;
    LogWriter writer_;
    std::unordered_map<std::uint32_t, Log> logs_;
    std::size_t pending_bytes_ = 0;
    std::uint64_t lost_ = 0;
    std::unordered_map<std::uint32_t, std::uint64_t> untold_;  ///< lost lines that the supervisor has not heard of
    std::vector<std::uint32_t> dirty_;  ///< to be looked at when it is time to flush
    Timer flush_;
};

}  // namespace osmia::listener
