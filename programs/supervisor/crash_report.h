/// \file
/// One crash report, from what is known of a death to the JSON that is stored. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "wire/listener_to_supervisor.h"
#include "wire/worker_to_supervisor.h"

namespace osmia::supervisor {

/// A report is cut at this size: outer frames go first.
inline constexpr std::size_t MaxCrashReportBytes = 256 * 1024;
/// Requests in one report.
inline constexpr std::size_t MaxReportedRequests = 64;
/// A field of the symbolizer's lines.
inline constexpr std::size_t MaxCrashField = 512;

/// What the supervisor itself knows of a death.
struct CrashFacts {
    std::string id;
    std::uint64_t time = 0;  ///< milliseconds since the epoch
    std::string pool;
    std::uint32_t pid = 0;
    std::uint32_t generation = 0;
    std::string death;   ///< "SIGSEGV", "exit status 3"
    std::string reason;  ///< why the supervisor ended it; may be empty
};

/// \a symbolized: the symbolizer's lines, written under the pool's identity and so believed in nothing but as text.
nlohmann::ordered_json make_crash_report(const CrashFacts& facts, std::string_view symbolized,
                                         const std::vector<wire::DeadWorkerRequest>& requests);

/// What an operator's line adds to the death: " in crash.so: write_null()+0x12", or nothing.
std::string guilty_words(const nlohmann::ordered_json& report);

}  // namespace osmia::supervisor
