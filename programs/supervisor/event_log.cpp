#include "supervisor/event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <sstream>

#include "base/files.h"
#include "supervisor/output_lines.h"
#include "supervisor/views.h"

namespace osmia::supervisor {

namespace {

using Json = nlohmann::ordered_json;

/// The file may grow to twice what is kept before it is written anew.
constexpr std::size_t MaxFileBytes = 4 * MaxEvents * MaxEventText;

struct Level {
    const char* word;
    int severity;  ///< syslog's
};

Level level_of(EventNumber number) {
    using enum EventNumber;
    switch (number) {
        case RapidFail:
            return {"error", 3};
        case WorkerEnded:
        case PingFailed:
        case WorkerCrashed:
        case StartTooSlow:
        case EndTooSlow:
        case RecycleUnhealthy:
            return {"warning", 4};
        default:
            return {"information", 6};
    }
}

std::string line_of(const Json& event) { return event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

EventLog::EventLog(std::string file, std::string syslog_socket) : file_(std::move(file)), syslog_socket_(std::move(syslog_socket)) {
    const auto text = read_file(file_, MaxFileBytes);
    if (!text.ok()) return;
    std::istringstream lines(text.value());
    for (std::string line; std::getline(lines, line); ++lines_in_file_) {
        Json event = Json::parse(line, nullptr, false);
        if (event.is_object() && event.contains("event")) keep(event);
    }
}

void EventLog::keep(const Json& event) {
    events_.push_back(event);
    if (events_.size() > MaxEvents) events_.pop_front();
}

void EventLog::add(EventNumber number, const std::string& pool, std::uint32_t pid, const std::string& text) {
    const auto now = static_cast<std::uint64_t>(::time(nullptr)) * 1000;
    const Json event{{"time", iso_time(now)}, {"event", static_cast<int>(number)}, {"level", level_of(number).word},
                     {"pool", pool}, {"pid", pid}, {"text", printable(text, MaxEventText)}};
    keep(event);
    send_to_syslog(event);
    if (lines_in_file_ >= 2 * MaxEvents) {
        std::string all;
        for (const auto& one : events_) all += line_of(one);
        if (replace_file(file_, all, 0640).ok()) lines_in_file_ = events_.size();
        return;
    }
    const UniqueFd file(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    const std::string line = line_of(event);
    if (file && ::write(file.get(), line.data(), line.size()) > 0) ++lines_in_file_;
}

// RFC 3164, as every /dev/log takes it.
void EventLog::send_to_syslog(const Json& event) const {
    sockaddr_un address{};
    if (syslog_socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, syslog_socket_.data(), syslog_socket_.size());
    constexpr int Daemon = 3 << 3;
    const time_t now = ::time(nullptr);
    tm parts{};
    ::localtime_r(&now, &parts);
    char stamp[32];
    ::strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &parts);
    const int severity = level_of(static_cast<EventNumber>(event["event"].get<int>())).severity;
    const std::string pool = event["pool"], text = event["text"];
    const std::string line = fmt::format("<{}>{} osmia[{}]: event {}, pool {}, worker {}: {}", Daemon | severity, stamp, ::getpid(),
                                         event["event"].get<int>(), pool, event["pid"].get<std::uint32_t>(), text);
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const auto sent =
        ::sendto(fd.get(), line.data(), line.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Json EventLog::list() const { return Json(std::vector<Json>(events_.begin(), events_.end())); }

}  // namespace osmia::supervisor
