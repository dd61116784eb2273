#include "config/pre_condition.h"

#include <algorithm>

#include "config/url_mapping.h"

namespace osmia::config {
namespace {

/// Takes the first name off a comma list.
std::string_view take(std::string_view& list) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    return name;
}

bool holds(std::string_view condition, const PoolConfiguration& pool) {
    constexpr std::string_view version = "runtimeVersion";
    if (condition.empty() || condition == "managedHandler") return true;
    if (condition == "integratedMode") return pool.managed_pipeline_mode == PipelineMode::Integrated;
    if (condition == "classicMode") return pool.managed_pipeline_mode == PipelineMode::Classic;
    if (condition == "bitness64") return true;  // every worker; enable32BitAppOnWin64 has no effect
    if (!condition.starts_with(version)) return false;
    return equals_ignoring_case(condition.substr(version.size()), pool.managed_runtime_version);
}

}  // namespace

bool pre_condition_holds(std::string_view conditions, const PoolConfiguration& pool) {
    while (!conditions.empty()) {
        if (!holds(take(conditions), pool)) return false;
    }
    return true;
}

bool has_pre_condition(std::string_view conditions, std::string_view condition) {
    while (!conditions.empty()) {
        if (take(conditions) == condition) return true;
    }
    return false;
}

}  // namespace osmia::config
