#include "listener/error_log.h"

#include <fmt/format.h>
#include <time.h>

namespace osmia::listener {

namespace {

/// Fields hold no blanks: they and control characters become "+", an empty field "-".
std::string field(std::string_view text, std::size_t limit) {
    if (text.empty()) return "-";
    std::string result(text.substr(0, limit));
    for (char& c : result) {
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) c = '+';
    }
    return result;
}

}  // namespace

void ErrorLog::write(const ErrorLine& line) {
    if (!fd_) return;
    if (buffer_.size() > MaxBuffered) {
        ++dropped_;
        return;
    }
    const time_t now = ::time(nullptr);
    tm utc{};
    ::gmtime_r(&now, &utc);
    fmt::format_to(std::back_inserter(buffer_), "{:04}-{:02}-{:02} {:02}:{:02}:{:02} {} {} {} {} {} {} {} {} {} {} {} {}\n",
                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, field(line.client, 64),
                   line.client_port, field(line.server, 64), line.server_port, field(line.version, 16), field(line.method, 255),
                   field(line.url, 4096), line.status == 0 ? "-" : std::to_string(line.status),
                   line.site_id == 0 ? "-" : std::to_string(line.site_id), http::reason_name(line.reason), field(line.pool, 256),
                   field(line.request_id, 64));
}

void ErrorLog::flush() {
    if (buffer_.empty() || !fd_) return;
    if (dropped_ > 0) {
        fmt::format_to(std::back_inserter(buffer_), "# {} lines dropped\n", dropped_);
        dropped_ = 0;
    }
    [[maybe_unused]] const auto size = ::write(fd_.get(), buffer_.data(), buffer_.size());
    buffer_.clear();
}

}  // namespace osmia::listener
