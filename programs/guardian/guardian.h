/// \file
/// The guardian: keeps one supervisor running, and what it must not lose.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/message_channel.h"
#include "guardian/notify.h"
#include "guardian/restart_delay.h"
#include "wire/guardian.h"

namespace osmia::guardian {

/// Owns the supervisor process, its channel and everything stored: descriptors and texts by name. One thread: the loop's.
/// Trusts the supervisor.
///
/// An exit that the supervisor announced (SupervisorExits) ends the guardian with that status; any other end of it is
/// a crash, after which the next one is started and given everything stored, then the exits it has missed. A program on
/// trial (TrySupervisor) that ends in any way before it stays makes room for the one before.
class Guardian {
public:
    using Say = std::function<void(const std::string& line)>;

    /// \a command is the supervisor's path and arguments; \a say prints one line for the operator; \a notify_socket as in
    /// notify().
    Guardian(EventLoop& loop, std::vector<std::string> command, Say say, std::string notify_socket = {});

    /// Starts the supervisor and runs the loop until it has ended for good. Returns the guardian's exit status.
    int run();

    /// Handles a signal number the process received: SIGCHLD, SIGTERM and SIGINT (the second of them kills everything at
    /// once), SIGHUP, SIGUSR1.
    void on_signal(int number);

private:
    void start();
    void give_everything();
    void receive(ReceivedMessage message);
    void on(const wire::StoreFd& message, std::vector<UniqueFd>& fds);
    void on(const wire::DropFd& message, std::vector<UniqueFd>&) { fds_.erase(message.name); }
    void on(const wire::StoreState& message, std::vector<UniqueFd>&);
    void on(const wire::SupervisorExits& message, std::vector<UniqueFd>&) { announced_status_ = message.status; }
    void on(const wire::ServiceManagerNews& message, std::vector<UniqueFd>&) { notify(notify_socket_, message.text); }
    void on(const wire::TrySupervisor& message, std::vector<UniqueFd>&) { trial_ = message.program; }
    void on(const wire::SupervisorStays& message, std::vector<UniqueFd>&);
    void on_supervisor_death(int status);
    void reap();
    void finish(int status);
    void tell(const wire::GuardianToSupervisor& message, std::span<const int> fds = {});

    EventLoop& loop_;
    std::vector<std::string> command_;
    std::string trial_;  ///< the program that is to replace, or tries to replace, the command's
    bool on_trial_ = false;
    Say say_;
    std::string notify_socket_;
    std::map<std::string, UniqueFd> fds_;
    std::map<std::string, std::string> state_;
    RestartDelay restart_delay_;
    std::unique_ptr<MessageChannel> channel_;  ///< null: no supervisor runs
    pid_t supervisor_ = -1;
    EventLoop::Clock::time_point started_;
    std::uint32_t starts_ = 0;
    bool shutting_down_ = false;
    std::optional<int> announced_status_;
    std::vector<wire::ChildExited> missed_exits_;
    int exit_status_ = 0;
};

}  // namespace osmia::guardian
