#include "listener/log_text.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>

namespace osmia::listener {

namespace {

struct Column {
    std::uint32_t bit;
    std::string_view name;
};

/// http.sys's order, whatever order the flags were given in.
constexpr std::array<Column, 22> Columns{{
    {log_column::Date, "date"},
    {log_column::Time, "time"},
    {log_column::SiteName, "s-sitename"},
    {log_column::ComputerName, "s-computername"},
    {log_column::ServerIp, "s-ip"},
    {log_column::Method, "cs-method"},
    {log_column::UriStem, "cs-uri-stem"},
    {log_column::UriQuery, "cs-uri-query"},
    {log_column::ServerPort, "s-port"},
    {log_column::UserName, "cs-username"},
    {log_column::ClientIp, "c-ip"},
    {log_column::ProtocolVersion, "cs-version"},
    {log_column::UserAgent, "cs(User-Agent)"},
    {log_column::Cookie, "cs(Cookie)"},
    {log_column::Referer, "cs(Referer)"},
    {log_column::Host, "cs-host"},
    {log_column::HttpStatus, "sc-status"},
    {log_column::HttpSubStatus, "sc-substatus"},
    {log_column::Win32Status, "sc-win32-status"},
    {log_column::BytesSent, "sc-bytes"},
    {log_column::BytesReceived, "cs-bytes"},
    {log_column::TimeTaken, "time-taken"},
}};

/// The bytes of the UTF-8 sequence at the front of \a text; 0 if there is none.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const unsigned lead = byte(0);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;  // overlong, surrogates
    if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
    return size;
}

void append_number(std::string& text, std::uint64_t number) {
    const fmt::format_int digits(number);
    text.append(digits.data(), digits.size());
}

/// The calendar is asked once a second.
std::string_view time_text(std::int64_t time_s) {
    thread_local std::int64_t known = -1;
    thread_local std::array<char, 20> buffer;
    if (known != time_s) {
        const auto seconds = static_cast<time_t>(time_s);
        tm utc{};
        ::gmtime_r(&seconds, &utc);
        fmt::format_to_n(buffer.data(), buffer.size(), "{:04}-{:02}-{:02} {:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                         utc.tm_hour, utc.tm_min, utc.tm_sec);
        known = time_s;
    }
    return {buffer.data(), 19};
}

/// The value of a column that is text. \a limit is for the whole line.
std::string_view text_of(std::uint32_t column, const AccessLine& line) {
    switch (column) {
        case log_column::Date: return time_text(line.time_s).substr(0, 10);
        case log_column::Time: return time_text(line.time_s).substr(11);
        case log_column::ComputerName: return line.computer;
        case log_column::ServerIp: return line.server_ip;
        case log_column::Method: return line.method;
        case log_column::UriStem: return line.stem;
        case log_column::UserName: return line.user;
        case log_column::ClientIp: return line.client_ip;
        case log_column::UserAgent: return line.user_agent;
        case log_column::Cookie: return line.cookie;
        case log_column::Referer: return line.referer;
        case log_column::Host: return line.host;
        default: return {};
    }
}

void append_column(std::string& text, std::uint32_t column, const AccessLine& line, std::size_t limit) {
    switch (column) {
        case log_column::SiteName:
            text += "W3SVC";
            return append_number(text, line.site_id);
        case log_column::ProtocolVersion:
            text += "HTTP/";
            append_number(text, line.http_major);
            if (line.http_major < 2) {
                text += '.';
                append_number(text, line.http_minor);
            }
            return;
        case log_column::UriQuery:
            if (!line.query.empty()) append_log_value(text, line.query, limit);
            if (!line.log_data.empty() || line.query.empty()) append_log_value(text, line.log_data, limit);
            return;
        case log_column::ServerPort: return append_number(text, line.server_port);
        case log_column::HttpStatus: return append_number(text, line.status);
        case log_column::HttpSubStatus: return append_number(text, line.substatus);
        case log_column::Win32Status: return append_number(text, line.win32_status);
        case log_column::BytesSent: return append_number(text, line.sent);
        case log_column::BytesReceived: return append_number(text, line.received);
        case log_column::TimeTaken: return append_number(text, line.time_taken_ms);
        default: return append_log_value(text, text_of(column, line), limit);
    }
}

bool is_plain(char c) { return c > ' ' && c < 0x7f; }

}  // namespace

void append_log_value(std::string& text, std::string_view value, std::size_t limit) {
    value = value.substr(0, limit);
    if (value.empty()) {
        text += '-';
        return;
    }
    while (!value.empty()) {
        const auto end = static_cast<std::size_t>(std::find_if_not(value.begin(), value.end(), is_plain) - value.begin());
        text.append(value.substr(0, end));
        value.remove_prefix(end);
        if (value.empty()) break;
        const std::size_t size = utf8_sequence(value);
        if (size > 1) {
            text.append(value.substr(0, size));
        } else if (size == 1) {
            text += '+';  // a blank or a control character
        } else {
            fmt::format_to(std::back_inserter(text), "%{:02X}", static_cast<unsigned char>(value.front()));
        }
        value.remove_prefix(std::max<std::size_t>(size, 1));
    }
}

void append_log_time(std::string& text, std::int64_t time_s) { text += time_text(time_s); }

std::string access_columns(const wire::SnapshotLog& format) {
    std::string names;
    const auto add = [&](std::string_view name) {
        if (!names.empty()) names += ' ';
        append_log_value(names, name, 256);
    };
    for (const auto& column : Columns) {
        if ((format.columns & column.bit) != 0) add(column.name);
    }
    for (const auto& column : format.custom) add(column.name);
    return names;
}

void append_access_line(std::string& text, const wire::SnapshotLog& format, const AccessLine& line) {
    const std::size_t begin = text.size();
    const auto separate = [&] {
        if (text.size() != begin) text += ' ';
    };
    for (const auto& column : Columns) {
        if ((format.columns & column.bit) == 0) continue;
        separate();
        append_column(text, column.bit, line, format.max_line_bytes);
    }
    for (std::size_t i = 0; i < format.custom.size(); ++i) {
        separate();
        append_log_value(text, i < line.custom.size() ? line.custom[i] : std::string_view(), format.max_custom_bytes);
    }
    if (text.size() - begin > format.max_line_bytes) text.resize(begin + format.max_line_bytes);
    text += '\n';
}

std::string log_directives(std::string_view columns, std::int64_t time_s) {
    return fmt::format("#Software: Osmia {}\n#Version: 1.0\n#Date: {}\n#Fields: {}\n", OSMIA_VERSION, time_text(time_s), columns);
}

}  // namespace osmia::listener
