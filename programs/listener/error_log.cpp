#include "listener/error_log.h"

#include <fmt/format.h>

#include "listener/log_text.h"

namespace osmia::listener {

namespace {

/// http.sys's limits.
constexpr std::size_t MaxVerb = 255, MaxUrl = 4096;

void append_number_or_dash(std::string& text, unsigned number) {
    if (number == 0) text += '-';
    else fmt::format_to(std::back_inserter(text), "{}", number);
}

}  // namespace

void append_error_line(std::string& text, const ErrorLine& line, std::int64_t time_s) {
    const auto value = [&](std::string_view from, std::size_t limit) {
        text += ' ';
        append_log_value(text, from, limit);
    };
    const auto number = [&](unsigned from) {
        text += ' ';
        append_number_or_dash(text, from);
    };
    append_log_time(text, time_s);
    value(line.client, 64);
    number(line.client_port);
    value(line.server, 64);
    number(line.server_port);
    value(line.version, 16);
    value(line.method, MaxVerb);
    value(line.url, MaxUrl);
    number(line.status);
    number(line.site_id);
    value(http::reason_name(line.reason), 64);
    value(line.pool, 256);
    value(line.request_id, 64);
    text += '\n';
}

void ErrorLog::write(const ErrorLine& line) {
    const std::int64_t now = realtime_us() / 1'000'000;
    traffic_.reject(line.site_id, line.pool_id, line.reason);
    line_.clear();
    append_error_line(line_, line, now);
    files_.append(ErrorLogSite, line_, now);
}

}  // namespace osmia::listener
