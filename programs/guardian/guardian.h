/// \file
/// The guardian: keeps one supervisor running, and what it must not lose.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/message_channel.h"
#include "guardian/restart_delay.h"
#include "guardian/service_manager.h"
#include "guardian/store.h"

namespace osmia::guardian {

/// Owns the supervisor process, its channel and the store. One thread: the loop's. Trusts the supervisor.
///
/// An exit that the supervisor announced (SupervisorExits) ends the guardian with that status; any other end of it is
/// a crash, after which the next one is started and given everything stored, then the exits it has missed.
class Guardian {
public:
    using Say = std::function<void(const std::string& line)>;

    /// \a command is the supervisor's path and arguments; \a say prints one line for the operator; \a service_manager is
    /// told the server's phases.
    Guardian(EventLoop& loop, std::vector<std::string> command, Say say, ServiceManager service_manager = {});

    /// Starts the supervisor and runs the loop until it has ended for good. Returns the guardian's exit status.
    int run();

    /// Handles a signal number the process received: SIGCHLD, SIGTERM and SIGINT (the second of them kills everything at
    /// once), SIGHUP, SIGUSR1.
    void on_signal(int number);

private:
    void start();
    void on_message(ReceivedMessage message);
    void on_supervisor_death(int status);
    void reap();
    void finish(int status);
    void tell(const wire::GuardianToSupervisor& message, std::span<const int> fds = {});

    EventLoop& loop_;
    std::vector<std::string> command_;
    Say say_;
    ServiceManager service_manager_;
    Store store_;
    RestartDelay restart_delay_;
    std::unique_ptr<MessageChannel> channel_;
    pid_t supervisor_ = -1;
    EventLoop::Clock::time_point started_;
    std::uint32_t starts_ = 0;
    bool shutting_down_ = false;
    std::optional<int> announced_status_;
    std::vector<wire::ChildExited> missed_exits_;
    int exit_status_ = 0;
};

}  // namespace osmia::guardian
