/// \file
/// The text of log files: W3C extended log format as http.sys writes it (iis-config facts, section 5). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// Bits of SnapshotLog::columns, in IIS's numbering and thus not in the order of the columns.
namespace log_column {
inline constexpr std::uint32_t Date = 1, Time = 2, ClientIp = 4, UserName = 8, SiteName = 16, ComputerName = 32, ServerIp = 64,
                               Method = 128, UriStem = 256, UriQuery = 512, HttpStatus = 1024, Win32Status = 2048, BytesSent = 4096,
                               BytesReceived = 8192, TimeTaken = 16384, ServerPort = 32768, UserAgent = 65536, Cookie = 131072,
                               Referer = 262144, ProtocolVersion = 524288, Host = 1048576, HttpSubStatus = 2097152;
}

/// What one line of an access log says. Views are borrowed for the call.
struct AccessLine {
    std::int64_t time_s = 0;  ///< CLOCK_REALTIME, of the end
    std::uint32_t site_id = 0;
    std::string_view computer, server_ip, method, stem, query, log_data, user, client_ip, user_agent, cookie, referer, host;
    std::uint16_t server_port = 0;
    std::uint8_t http_major = 1, http_minor = 1;
    unsigned status = 0, substatus = 0;
    std::uint32_t win32_status = 0;
    std::uint64_t sent = 0, received = 0, time_taken_ms = 0;
    std::vector<std::string_view> custom;  ///< one for each of the format's custom columns
};

/// Appends one value: blanks and control characters become "+", bytes that are no UTF-8 "%XX", an empty value "-".
/// Takes at most \a limit bytes of it.
void append_log_value(std::string& text, std::string_view value, std::size_t limit);

/// "2026-11-22 10:00:00", UTC.
void append_log_time(std::string& text, std::int64_t time_s);

/// The column names of "#Fields:", in http.sys's fixed order, custom ones last.
std::string access_columns(const wire::SnapshotLog& format);

/// One line with its line feed, cut at the format's max_line_bytes.
void append_access_line(std::string& text, const wire::SnapshotLog& format, const AccessLine& line);

/// The directives at the head of a file: #Software, #Version, #Date, #Fields.
std::string log_directives(std::string_view columns, std::int64_t time_s);

}  // namespace osmia::listener
