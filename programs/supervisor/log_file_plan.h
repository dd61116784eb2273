/// \file
/// Which file a log goes to at a moment, and until when: http.sys's names. Pure but for choose_numbered().
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "config/server_configuration.h"

namespace osmia::supervisor {

/// The size at which the HTTPERR log goes on in the next file, as in http.sys.
inline constexpr std::uint64_t ErrorLogTruncateSize = 1 << 20;

struct LogFilePlan {
    std::string folder;
    std::string name;               ///< empty: numbered, see choose_numbered()
    std::string prefix;             ///< of a numbered file: "u_extend"
    std::string suffix = ".log";    ///< "_x.log" with custom columns
    std::int64_t valid_until_s = 0; ///< CLOCK_REALTIME; the greatest there is when only the size counts
    std::uint64_t max_bytes = 0;    ///< 0: no limit
};

/// The file of a site's access log at \a now_s. \a logs is the folder for sites that name none.
LogFilePlan plan_access_log(const config::LogFile& log, std::uint32_t site_id, const std::string& logs, std::int64_t now_s);
/// HTTPERR/httperrN.log.
LogFilePlan plan_error_log(const std::string& logs);

/// The name with the highest number in the folder, or the one after that if it has reached max_bytes; the first if there
/// is none or no folder.
std::string choose_numbered(const LogFilePlan& plan);

}  // namespace osmia::supervisor
