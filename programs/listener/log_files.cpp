#include "listener/log_files.h"

#include <algorithm>

#include "listener/log_text.h"

namespace osmia::listener {

namespace {

/// As much text of one log is worth a write.
constexpr std::size_t WriteSize = 32 * 1024;
constexpr std::chrono::milliseconds FlushInterval{250};
/// LogWanted is repeated no more often while no file comes.
constexpr std::int64_t AskAgainUs = 5'000'000;

std::uint64_t count_lines(std::string_view text) { return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

LogFiles::~LogFiles() {
    for (auto& [id, log] : logs_) hand_over(id, log);
}

void LogFiles::define(std::uint32_t site_id, std::string columns) {
    Log& log = logs_[site_id];
    if (log.columns == columns) return;
    close_file(site_id, log);
    log.columns = std::move(columns);
}

void LogFiles::remove(std::uint32_t site_id) {
    const auto found = logs_.find(site_id);
    if (found == logs_.end()) return;
    close_file(site_id, found->second);
    pending_bytes_ -= found->second.pending.size();
    logs_.erase(found);
}

std::vector<std::uint32_t> LogFiles::defined() const {
    std::vector<std::uint32_t> ids;
    for (const auto& [id, log] : logs_) ids.push_back(id);
    return ids;
}

void LogFiles::append(std::uint32_t site_id, std::string_view line, std::int64_t time_s) {
    const auto found = logs_.find(site_id);
    if (found == logs_.end()) return;
    Log& log = found->second;
    if (log.file != nullptr && time_s >= log.valid_until_s) close_file(site_id, log);
    if (pending_bytes_ + line.size() > MaxPendingLogBytes || log.pending.size() + line.size() > MaxPendingBytesOfOneLog) {
        ++log.dropped;
        return count_lost(site_id, 1);
    }
    if (!log.dirty) dirty_.push_back(site_id);
    log.dirty = true;
    log.pending += line;
    pending_bytes_ += line.size();
    if (log.file == nullptr) ask_for_file(site_id, log);
    if (log.pending.size() >= WriteSize) hand_over(site_id, log);
    if (!flush_.is_armed()) reactor_.arm<&LogFiles::on_flush_time>(flush_, this, FlushInterval);
}

void LogFiles::ask_for_file(std::uint32_t site_id, Log& log) {
    const std::int64_t now = monotonic_us();
    if (log.asked_us != 0 && now - log.asked_us < AskAgainUs) return;
    log.asked_us = now;
    supervisor_.send(wire::LogWanted{site_id});
}

void LogFiles::hand_over(std::uint32_t site_id, Log& log) {
    if (log.file == nullptr || log.pending.empty()) return;
    std::string text = log.headed ? std::string() : log_directives(log.columns, realtime_us() / 1'000'000);
    if (log.dropped > 0) text += fmt::format("#Remark: {} lines were dropped\n", log.dropped);
    const std::uint64_t lines = count_lines(log.pending);
    text += log.pending;
    pending_bytes_ -= log.pending.size();
    log.pending.clear();
    if (log.pending.capacity() > 2 * WriteSize) log.pending = std::string();
    const std::size_t size = text.size();
    if (!writer_.write(site_id, log.file, std::move(text))) {
        log.dropped += lines;
        return count_lost(site_id, lines);
    }
    log.headed = true;
    log.dropped = 0;
    log.bytes += size;
}

void LogFiles::close_file(std::uint32_t site_id, Log& log) {
    hand_over(site_id, log);
    log.file.reset();
    log.asked_us = 0;
}

void LogFiles::set_file(const wire::LogFile& file, UniqueFd fd) {
    const auto found = logs_.find(file.site_id);
    if (found == logs_.end()) return;
    Log& log = found->second;
    close_file(file.site_id, log);
    log.file = std::make_shared<const UniqueFd>(std::move(fd));
    log.valid_until_s = file.valid_until_s;
    log.max_bytes = file.max_bytes;
    log.bytes = file.size;
    log.headed = false;
    hand_over(file.site_id, log);
}

void LogFiles::reopen() {
    for (auto& [id, log] : logs_) close_file(id, log);
}

bool LogFiles::waits_for_file() const {
    return std::any_of(logs_.begin(), logs_.end(), [](const auto& entry) { return entry.second.file == nullptr && !entry.second.pending.empty(); });
}

void LogFiles::count_lost(std::uint32_t site_id, std::uint64_t lines) {
    lost_ += lines;
    untold_[site_id] += lines;
}

void LogFiles::on_flush_time() {
    const auto dirty = std::exchange(dirty_, {});
    for (const std::uint32_t id : dirty) {
        const auto found = logs_.find(id);
        if (found == logs_.end()) continue;
        Log& log = found->second;
        log.dirty = false;
        const bool full = log.file != nullptr && log.max_bytes != 0 && log.bytes >= log.max_bytes;
        // The supervisor looks at the size on the disk: the writer must be through with a full file.
        if (log.file == nullptr || (full && log.file.use_count() == 1)) ask_for_file(id, log);
        hand_over(id, log);
        if (log.pending.empty() && !full) continue;
        log.dirty = true;
        dirty_.push_back(id);
    }
    for (const auto& [id, lines] : writer_.take_lost()) {
        if (const auto found = logs_.find(id); found != logs_.end()) found->second.dropped += lines;
        count_lost(id, lines);
    }
    for (const auto& [id, lines] : std::exchange(untold_, {})) supervisor_.send(wire::LogLinesLost{id, lines});
    // Once more after the last text: the writer may have met a full disk.
    if (!dirty.empty()) reactor_.arm<&LogFiles::on_flush_time>(flush_, this, FlushInterval);
}

}  // namespace osmia::listener
