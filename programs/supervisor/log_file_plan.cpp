#include "supervisor/log_file_plan.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

namespace osmia::supervisor {

namespace {

constexpr std::int64_t Never = std::numeric_limits<std::int64_t>::max();

tm broken_down(std::int64_t time_s, bool local) {
    const auto seconds = static_cast<time_t>(time_s);
    tm parts{};
    if (local) ::localtime_r(&seconds, &parts);
    else ::gmtime_r(&seconds, &parts);
    return parts;
}

/// Out-of-range days and hours are carried over, as mktime does.
std::int64_t moment(tm parts, bool local) {
    parts.tm_min = parts.tm_sec = 0;
    parts.tm_isdst = -1;
    return local ? ::mktime(&parts) : ::timegm(&parts);
}

tm next_month(tm parts) {
    parts.tm_mon += 1;
    parts.tm_mday = 1;
    parts.tm_hour = 0;
    return parts;
}

/// Weeks begin on Sunday; the first of a month may be short.
int week_of_month(const tm& parts) {
    const int weekday_of_first = (parts.tm_wday - (parts.tm_mday - 1) % 7 + 7) % 7;
    return (parts.tm_mday - 1 + weekday_of_first) / 7 + 1;
}

struct Period {
    std::string name;
    std::int64_t end_s;
};

Period period_at(config::LogPeriod period, std::int64_t now_s, bool local) {
    tm parts = broken_down(now_s, local);
    const std::string month = fmt::format("{:02}{:02}", parts.tm_year % 100, parts.tm_mon + 1);
    switch (period) {
        case config::LogPeriod::Hourly: {
            const std::string name = fmt::format("{}{:02}{:02}", month, parts.tm_mday, parts.tm_hour);
            parts.tm_hour += 1;
            return {name, std::max(moment(parts, local), now_s + 1)};
        }
        case config::LogPeriod::Weekly: {
            const std::string name = fmt::format("{}{:02}", month, week_of_month(parts));
            const std::int64_t month_end = moment(next_month(parts), local);
            parts.tm_mday += 7 - parts.tm_wday;
            parts.tm_hour = 0;
            return {name, std::min(moment(parts, local), month_end)};
        }
        case config::LogPeriod::Monthly: return {month, moment(next_month(parts), local)};
        case config::LogPeriod::Daily:
        case config::LogPeriod::MaxSize: break;
    }
    const std::string name = fmt::format("{}{:02}", month, parts.tm_mday);
    parts.tm_mday += 1;
    parts.tm_hour = 0;
    return {name, moment(parts, local)};
}

}  // namespace

LogFilePlan plan_access_log(const config::LogFile& log, std::uint32_t site_id, const std::string& logs, std::int64_t now_s) {
    LogFilePlan plan;
    plan.folder = fmt::format("{}/W3SVC{}", log.directory.empty() ? logs : log.directory, site_id);
    plan.suffix = log.custom_fields.empty() ? ".log" : "_x.log";
    if (log.period == config::LogPeriod::MaxSize) {
        plan.prefix = "u_extend";
        plan.valid_until_s = Never;
        plan.max_bytes = log.truncate_size;
        return plan;
    }
    const Period period = period_at(log.period, now_s, log.local_time_rollover);
    plan.name = "u_ex" + period.name + plan.suffix;
    plan.valid_until_s = period.end_s;
    return plan;
}

LogFilePlan plan_error_log(const std::string& logs) {
    LogFilePlan plan;
    plan.folder = logs + "/HTTPERR";
    plan.prefix = "httperr";
    plan.valid_until_s = Never;
    plan.max_bytes = ErrorLogTruncateSize;
    return plan;
}

std::string choose_numbered(const LogFilePlan& plan) {
    std::uint32_t highest = 0;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(plan.folder.c_str()), &::closedir);
    while (const dirent* entry = folder == nullptr ? nullptr : ::readdir(folder.get())) {
        std::string_view name = entry->d_name;
        if (!name.starts_with(plan.prefix) || !name.ends_with(plan.suffix)) continue;
        name.remove_prefix(plan.prefix.size());
        if (name.size() <= plan.suffix.size()) continue;
        name.remove_suffix(plan.suffix.size());
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size() && number < 1'000'000'000) highest = std::max(highest, number);
    }
    if (highest == 0) return plan.prefix + "1" + plan.suffix;
    const auto name_of = [&](std::uint32_t number) { return plan.prefix + std::to_string(number) + plan.suffix; };
    struct stat status {};
    const bool full = ::stat((plan.folder + "/" + name_of(highest)).c_str(), &status) == 0 &&
                      static_cast<std::uint64_t>(status.st_size) >= plan.max_bytes;
    return name_of(full ? highest + 1 : highest);
}

}  // namespace osmia::supervisor
