/// \file
/// The one listener process: started at once, started again whenever it dies.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/message_channel.h"
#include "supervisor/identities.h"
#include "supervisor/machinery.h"
#include "supervisor/process_watch.h"
#include "wire/listener_to_supervisor.h"

namespace osmia::supervisor {

/// A listener must say Ready within this.
inline constexpr std::chrono::seconds ListenerStartLimit{30};
/// A listener that lived shorter than this and died by its own fault, or never got ready, died quickly: the next start
/// waits a little longer each time. One that is killed from outside is replaced at once, however often.
inline constexpr std::chrono::seconds QuickListenerDeath{1};

/// Owns the process's control socket and pidfd. Distrusts what it says: an unreadable message ends it.
class ListenerProcess : public ListenerLink {
public:
    struct Events {
        std::function<void()> started;  ///< a new one that must be told everything
        std::function<void(const wire::ListenerToSupervisor&)> said;
        std::function<void()> ended;    ///< after shut_down(): it has gone
    };
    struct Surroundings {
        EventLoop& loop;
        GuardianLink& guardian;
        OperatorOutput& output;
        const RunningRecords& records;
        const Programs& programs;
    };

    ListenerProcess(Surroundings surroundings, std::optional<Identity> identity, Events events);

    void start();
    /// Goes on with the listener of the supervisor before; false when there is none.
    bool adopt(Restored& restored);
    /// Lets it finish what is under way within \a limit, then kills it. `ended` follows.
    void shut_down(std::chrono::milliseconds limit);
    void give_status(pid_t pid, int status);

    void send(const wire::SupervisorToListener& message, std::span<const int> fds = {}) override;
    bool connected() const override { return channel_ != nullptr; }
    pid_t pid() const { return watch_ == nullptr ? -1 : watch_->pid(); }

private:
    Result<void> launch();
    void take_over(pid_t pid, UniqueFd control, UniqueFd pidfd);
    void on_message(ReceivedMessage raw);
    void on_ended(std::optional<int> status);
    void fail(const std::string& reason);
    void start_again(bool blamed);

    Surroundings with_;
    std::optional<Identity> identity_;
    Events events_;
    std::unique_ptr<MessageChannel> channel_;
    std::unique_ptr<ProcessWatch> watch_;
    EventLoop::Clock::time_point started_;
    EventLoop::TimerId deadline_ = 0;
    int quick_deaths_ = 0;
    bool ready_ = false;
    bool configured_ = false;  ///< it has applied a snapshot, so it may be adopted
    bool shutting_down_ = false;
};

}  // namespace osmia::supervisor
