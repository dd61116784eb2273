#include "fast_cgi/application_settings.h"

#include <algorithm>
#include <thread>

namespace fast_cgi {

namespace {

/// maxInstances="0": so many per processor.
constexpr unsigned InstancesPerProcessor = 4;

unsigned number(const IOsmiaElement& item, PCSTR name) {
    return static_cast<unsigned>(item.GetNumber(name));
}

}  // namespace

ApplicationSettings::ApplicationSettings(const IOsmiaElement& item)
    : full_path(item.GetText("fullPath")),
      arguments(item.GetText("arguments")),
      monitored_file(item.GetText("monitorChangesTo")),
      stderr_mode(static_cast<StderrMode>(item.GetNumber("stderrMode"))),
      max_instances(number(item, "maxInstances")),
      max_requests_per_instance(number(item, "instanceMaxRequests")),
      queue_length(number(item, "queueLength")),
      rapid_fails_per_minute(number(item, "rapidFailsPerMinute")),
      idle_timeout(number(item, "idleTimeout")),
      activity_timeout(number(item, "activityTimeout")),
      request_timeout(number(item, "requestTimeout")),
      signal_before_terminate(number(item, "signalBeforeTerminateSeconds")),
      tcp(item.GetNumber("protocol") == 1) {
    if (max_instances == 0) max_instances = std::max(1U, std::thread::hardware_concurrency()) * InstancesPerProcessor;
    const IOsmiaElement& list = item.GetChild("environmentVariables");
    for (DWORD i = 0; i < list.GetItemCount(); ++i)
        variables.emplace_back(list.GetItem(i).GetText("name"), list.GetItem(i).GetText("value"));
}

bool ApplicationSettings::is_named(std::string_view processor) const {
    const auto bar = processor.find('|');
    const std::string_view file = processor.substr(0, bar);
    return file == full_path && (bar == std::string_view::npos ? arguments.empty() : processor.substr(bar + 1) == arguments);
}

}  // namespace fast_cgi
