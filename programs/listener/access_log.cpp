#include "listener/access_log.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "http/ascii.h"
#include "listener/log_text.h"

namespace osmia::listener {

namespace {

std::string computer_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string_view find_header(const wire::RequestView& view, std::string_view name) {
    for (std::uint32_t i = 0; i < view.header_count(); ++i) {
        if (http::iequals(view.header_name(i), name)) return view.header_value(i);
    }
    return {};
}

std::string_view find_field(const wire::ResponseHeadView& head, std::string_view name) {
    const auto found = std::find_if(head.fields.begin(), head.fields.end(), [&](const auto& field) { return http::iequals(field.name, name); });
    return found == head.fields.end() ? std::string_view() : found->value;
}

/// Requests of a snapshot before this one may have kept other fields.
bool same_columns(const wire::SnapshotLog& a, const wire::SnapshotLog& b) {
    return std::equal(a.custom.begin(), a.custom.end(), b.custom.begin(), b.custom.end(),
                      [](const auto& x, const auto& y) { return x.kind == y.kind && x.source == y.source; });
}

}  // namespace

AccessLog::AccessLog(LogFiles& files) : files_(files), computer_(computer_name()) {}

void AccessLog::set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot) {
    snapshot_ = std::move(snapshot);
    for (const std::uint32_t id : files_.defined()) {
        const Site* site = snapshot_->site(id);
        if (id != ErrorLogSite && (site == nullptr || !site->log)) files_.remove(id);
    }
    for (const auto& [id, site] : snapshot_->sites()) {
        if (site.log) files_.define(id, access_columns(*site.log));
    }
}

void AccessLog::write(const Exchange& exchange) {
    const Site* site = snapshot_->site(exchange.application->site_id);
    if (site == nullptr || !site->log) return;
    const wire::SnapshotLog& format = *site->log;
    const auto view = exchange.view();
    const auto& fixed = view.fixed();
    const auto header_if = [&](std::uint32_t column, std::string_view name) {
        return (format.columns & column) != 0 ? find_header(view, name) : std::string_view();
    };
    thread_local AccessLine line;
    line.time_s = realtime_us() / 1'000'000;
    line.site_id = fixed.site_id;
    line.computer = computer_;
    line.server_ip = view.local_address();
    line.method = view.method();
    line.stem = view.path();
    line.query = view.query();
    line.log_data = exchange.done.log_data;
    line.user = exchange.done.user;
    line.client_ip = view.remote_address();
    line.user_agent = header_if(log_column::UserAgent, "User-Agent");
    line.cookie = header_if(log_column::Cookie, "Cookie");
    line.referer = header_if(log_column::Referer, "Referer");
    line.host = header_if(log_column::Host, "Host");
    if (line.host.empty()) line.host = view.host();
    line.server_port = fixed.local_port;
    line.http_major = static_cast<std::uint8_t>(fixed.http_major);
    line.http_minor = static_cast<std::uint8_t>(fixed.http_minor);
    line.status = exchange.status;
    line.substatus = exchange.done.substatus;
    line.win32_status = exchange.done.win32_status != 0 ? exchange.done.win32_status : exchange.client_status;
    line.sent = exchange.sent;
    line.received = exchange.received;
    const std::int64_t end = exchange.last_byte_us != 0 ? exchange.last_byte_us : monotonic_us();
    const std::int64_t begin = exchange.first_byte_us != 0 ? exchange.first_byte_us : exchange.arrived_us;
    line.time_taken_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(end - begin, 0)) / 1000;
    thread_local std::vector<std::string> composed;
    composed.resize(format.custom.size());
    line.custom.clear();
    const bool kept = exchange.site->log && same_columns(*exchange.site->log, format);
    for (std::size_t i = 0, response = 0; i < format.custom.size(); ++i) {
        const auto& column = format.custom[i];
        if (column.kind == wire::LogSource::RequestHeader) line.custom.push_back(find_header(view, column.source));
        else if (column.kind == wire::LogSource::ServerVariable) line.custom.push_back(logged_variable(exchange, column.source, composed[i]));
        else line.custom.push_back(kept && response < exchange.logged_fields.size() ? exchange.logged_fields[response++] : std::string_view());
    }
    line_.clear();
    append_access_line(line_, format, line);
    files_.append(site->settings.site_id, line_, line.time_s);
}

void keep_logged_fields(Exchange& exchange, const wire::ResponseHeadView& head) {
    if (!exchange.site->log || exchange.site->log->custom.empty()) return;
    exchange.logged_fields.clear();
    for (const auto& column : exchange.site->log->custom) {
        if (column.kind != wire::LogSource::ResponseHeader) continue;
        exchange.logged_fields.emplace_back(find_field(head, column.source).substr(0, exchange.site->log->max_custom_bytes));
    }
}

std::string_view logged_variable(const Exchange& exchange, std::string_view name, std::string& memory) {
    const auto view = exchange.view();
    const auto& fixed = view.fixed();
    const auto is = [&](std::string_view other) { return http::iequals(name, other); };
    const auto number = [&](std::uint64_t value) { return std::string_view(memory = std::to_string(value)); };
    if (is("REQUEST_ID")) return view.request_id();
    if (is("REMOTE_ADDR") || is("REMOTE_HOST")) return view.remote_address();
    if (is("REMOTE_PORT")) return number(fixed.remote_port);
    if (is("LOCAL_ADDR")) return view.local_address();
    if (is("SERVER_PORT")) return number(fixed.local_port);
    if (is("SERVER_NAME")) return view.host();
    if (is("SERVER_PROTOCOL")) return memory = fmt::format("HTTP/{}.{}", fixed.http_major, fixed.http_minor);
    if (is("REQUEST_METHOD")) return view.method();
    if (is("UNENCODED_URL") || is("HTTP_URL")) return view.raw_target();
    if (is("QUERY_STRING")) return view.query();
    if (is("URL") || is("PATH_INFO")) return view.path();
    if (is("HTTPS")) return (fixed.flags & wire::RequestIsTls) != 0 ? "on" : "off";
    if (is("INSTANCE_ID")) return number(fixed.site_id);
    if (is("CONTENT_TYPE")) return find_header(view, "Content-Type");
    if (is("CONTENT_LENGTH")) return find_header(view, "Content-Length");
    if (name.size() <= 5 || !http::iequals(name.substr(0, 5), "HTTP_")) return {};
    memory = name.substr(5);
    std::replace(memory.begin(), memory.end(), '_', '-');
    return find_header(view, memory);
}

}  // namespace osmia::listener
