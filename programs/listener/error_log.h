/// \file
/// The HTTPERR log: one line for whatever the listener answered or ended itself (iis-config facts, section 5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/error_reason.h"
#include "listener/log_files.h"
#include "listener/traffic.h"

namespace osmia::listener {

/// Empty or zero: not known, "-".
struct ErrorLine {
    std::string_view client, server, version, method, url, pool;
    std::uint16_t client_port = 0, server_port = 0;
    unsigned status = 0;
    std::uint32_t site_id = 0;
    std::uint32_t pool_id = 0;  ///< for the counters; the line has the name
    http::ErrorReason reason = http::ErrorReason::None;
    std::string_view request_id;
};

/// http.sys's columns and one of ours, the request's id.
inline constexpr std::string_view ErrorColumns =
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename x-request-id";

/// Appends \a line with its line feed.
void append_error_line(std::string& text, const ErrorLine& line, std::int64_t time_s);

/// Writes and counts. Reactor's thread only. \a files and \a traffic must outlive it.
class ErrorLog {
public:
    ErrorLog(LogFiles& files, Traffic& traffic) : files_(files), traffic_(traffic) { files_.define(ErrorLogSite, std::string(ErrorColumns)); }
    void write(const ErrorLine& line);

private:
    LogFiles& files_;
    Traffic& traffic_;
    std::string line_;
};

}  // namespace osmia::listener
