/// \file
/// One listener process, from its start to its end. Which of them has the sockets is listeners.h's business.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/message_channel.h"
#include "supervisor/identities.h"
#include "supervisor/machinery.h"
#include "supervisor/process_watch.h"
#include "supervisor/worker_death.h"
#include "wire/listener_to_supervisor.h"

namespace osmia::supervisor {

/// A listener must have applied its configuration within this.
inline constexpr std::chrono::seconds ListenerStartLimit{30};

/// What another supervisor needs to go on with a listener.
struct ListenerRecord {
    ListenerId listener_id = 0;
    std::uint32_t pid = 0;
    bool draining = false;  ///< replaced: it finishes what it has
    void fields(auto& archive) { archive(listener_id); archive(pid); archive(draining); }
};

/// What a listener needs around it; all borrowed.
struct ListenerSurroundings {
    EventLoop& loop;
    GuardianLink& guardian;
    OperatorOutput& output;
    const RunningRecords& records;
    const Programs& programs;
};

/// Owns the process's control socket and pidfd. Distrusts what it says: an unreadable message ends it. Destroying the
/// object does not end the process.
class ListenerProcess {
public:
    /// Called from the loop; `ended` may not destroy the process within the call.
    struct Events {
        std::function<void(ListenerProcess&)> configured;  ///< it has applied its first snapshot: it may be relied on
        std::function<void(ListenerProcess&, const wire::ListenerToSupervisor&)> said;
        std::function<void(ListenerProcess&, const Death&)> ended;
    };

    static Result<std::unique_ptr<ListenerProcess>> start(const ListenerSurroundings& with, const std::optional<Identity>& identity,
                                                          ListenerId id, Events events);
    /// Goes on with a listener of the supervisor before; null when its descriptors are not there.
    static std::unique_ptr<ListenerProcess> adopt(const ListenerSurroundings& with, const ListenerRecord& record, Restored& restored,
                                                  Events events);
    ~ListenerProcess();
    ListenerProcess(const ListenerProcess&) = delete;
    ListenerProcess& operator=(const ListenerProcess&) = delete;

    void send(const wire::SupervisorToListener& message, std::span<const int> fds = {}) { channel_->send(wire::encode(message), fds); }
    /// It finishes what it has within \a limit, then it is killed. \a replaced: another one has the sockets.
    void drain(std::chrono::milliseconds limit, bool replaced);
    void give_status(int status) { watch_->give_status(status); }

    ListenerId id() const { return record_.listener_id; }
    pid_t pid() const { return static_cast<pid_t>(record_.pid); }
    bool configured() const { return configured_; }
    bool draining() const { return record_.draining; }
    EventLoop::Clock::time_point started() const { return started_; }

private:
    ListenerProcess(const ListenerSurroundings& with, ListenerRecord record, Events events);
    void take_over(UniqueFd control, UniqueFd pidfd);
    std::string key(std::string_view part = {}) const;
    void store();
    void on_message(ReceivedMessage raw);
    void on_ended(std::optional<int> status);
    void fail(const std::string& reason);
    void set_deadline(std::chrono::milliseconds limit, const char* what);

    ListenerSurroundings with_;
    ListenerRecord record_;
    Events events_;
    std::unique_ptr<MessageChannel> channel_;
    std::unique_ptr<ProcessWatch> watch_;
    EventLoop::Clock::time_point started_ = EventLoop::Clock::now();
    EventLoop::TimerId deadline_ = 0;
    bool configured_ = false;
};

}  // namespace osmia::supervisor
