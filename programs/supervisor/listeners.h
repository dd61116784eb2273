/// \file
/// The listeners: one that has the sockets, perhaps the next one getting ready, and those it has replaced, which finish.
#pragma once

#include "supervisor/listener_process.h"

namespace osmia::supervisor {

/// A listener that lived shorter than this and died by its own fault, or never got ready, died quickly: the next start
/// waits a little longer each time. One that is killed from outside is replaced at once, however often.
inline constexpr std::chrono::seconds QuickListenerDeath{1};
/// Replaced listeners that may finish at the same time; with so many a further replacement is refused.
inline constexpr std::size_t MaxDrainingListeners = 8;
/// How long a replaced listener may take for what it has. Long answers are the reason; idle connections end earlier.
inline constexpr std::chrono::hours ReplacedListenerLimit{1};

/// Starts a listener at once and again whenever it dies, and replaces it without a loss: the next one gets the same
/// sockets, all workers and the configuration before the old one stops accepting. One thread.
class Listeners : public ListenerLink {
public:
    struct Events {
        std::function<void(ListenerId)> started;  ///< a new one that must be told everything
        std::function<void(ListenerId, const wire::ListenerToSupervisor&)> said;
        std::function<void(ListenerId)> gone;     ///< nobody has to wait for its answer any more
        std::function<void()> ended;              ///< after shut_down(): all have gone
    };
    using Done = std::function<void(Result<void> result)>;

    /// Ids begin above \a first_id, so that those of one supervisor never meet those of another.
    Listeners(ListenerSurroundings surroundings, std::optional<Identity> identity, ListenerId first_id, Events events);

    void start();
    /// Goes on with the listeners of the supervisor before; false when none of them has the sockets.
    bool adopt(Restored& restored);
    /// Calls \a done when the next listener has taken over, or why it has not; then the old one goes on.
    void replace(Done done);
    /// Lets all finish what is under way within \a limit, then kills them. `ended` follows.
    void shut_down(std::chrono::milliseconds limit);
    void give_status(pid_t pid, int status);

    void send(const wire::SupervisorToListener& message, std::span<const int> fds = {}) override;
    void send_to(ListenerId id, const wire::SupervisorToListener& message, std::span<const int> fds) override;
    std::vector<ListenerId> ids() const override;
    /// The one with the sockets; -1: there is none.
    pid_t pid() const { return current_ == nullptr ? -1 : current_->pid(); }
    std::vector<pid_t> pids() const;
    std::size_t count() const { return processes_.size(); }

private:
    ListenerProcess::Events process_events();
    Result<void> launch();
    void on_configured(ListenerProcess& process);
    void on_ended(ListenerProcess& process, const Death& death);
    void start_again(bool blamed, EventLoop::Clock::time_point started);
    void answer(const Result<void>& result);

    ListenerSurroundings with_;
    std::optional<Identity> identity_;
    Events events_;
    ListenerId last_id_;
    std::vector<std::unique_ptr<ListenerProcess>> processes_;  // oldest first
    ListenerProcess* current_ = nullptr;
    ListenerProcess* next_ = nullptr;
    std::vector<Done> waiters_;
    int quick_deaths_ = 0;
    bool shutting_down_ = false;
};

}  // namespace osmia::supervisor
