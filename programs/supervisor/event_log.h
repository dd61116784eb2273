/// \file
/// WAS's events: each with IIS's number, to syslog (which journald is, too) and to a file of the last ones.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>

namespace osmia::supervisor {

/// Events that are kept and shown.
inline constexpr std::size_t MaxEvents = 500;
/// An event's sentence is cut here.
inline constexpr std::size_t MaxEventText = 1024;

/// IIS's numbers (the event sources WAS and W3SVC).
enum class EventNumber : int {
    RapidFail = 5002,
    WorkerEnded = 5009,          ///< it exited by itself
    PingFailed = 5010,           ///< or any other sign that it hangs
    WorkerCrashed = 5011,        ///< a signal, or it broke its channel
    StartTooSlow = 5012,
    EndTooSlow = 5013,
    RecycleTime = 5074,
    RecycleRequests = 5075,
    RecycleSchedule = 5076,
    RecycleMemory = 5077,
    RecycleUnhealthy = 5078,
    RecycleOnDemand = 5079,
    RecycleConfigChange = 5080,
    RecyclePrivateMemory = 5117,
    IdleEnd = 5186,
};

/// Keeps the last events over restarts. One thread. Errors of file and syslog are nobody's concern: an event is news, not
/// the thing itself.
class EventLog {
public:
    /// \a file holds a JSON object a line; \a syslog_socket is a datagram socket's path.
    explicit EventLog(std::string file, std::string syslog_socket = "/dev/log");

    /// \a pid 0: no process. Control characters of \a text are replaced.
    void add(EventNumber number, const std::string& pool, std::uint32_t pid, const std::string& text);
    /// Oldest first: time, event, level (information, warning, error), pool, pid, text.
    nlohmann::ordered_json list() const;

private:
    void keep(const nlohmann::ordered_json& event);
    void send_to_syslog(const nlohmann::ordered_json& event) const;

    std::string file_;
    std::string syslog_socket_;
    std::deque<nlohmann::ordered_json> events_;
    std::size_t lines_in_file_ = 0;
};

}  // namespace osmia::supervisor
