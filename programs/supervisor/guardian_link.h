/// \file
/// The supervisor's side of its guardian: what survives a supervisor, and the news that come from outside.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/message_channel.h"
#include "wire/guardian.h"

namespace osmia::supervisor {

/// What the supervisor before this one stored.
struct Restored {
    std::map<std::string, UniqueFd> fds;
    std::map<std::string, std::string> state;
    std::uint32_t starts = 0;  ///< 1: there was none before

    /// Takes a descriptor out; empty when there is none of that name.
    UniqueFd take_fd(const std::string& name);
};

/// Waits for everything that the guardian has stored. Closed when the guardian has gone.
Result<Restored> restore(BorrowedFd guardian);

/// How the server is, for the service manager.
enum class ServerPhase : std::uint8_t { Ready, Reloading, Stopping };

/// Keeps things with the guardian. One thread; owns the socket.
class GuardianLink {
public:
    struct Events {
        std::function<void(wire::GuardianSignal)> signalled;
        std::function<void(pid_t pid, int status)> child_exited;
        std::function<void()> gone;
    };

    GuardianLink(EventLoop& loop, UniqueFd socket, Events events);

    void store_fd(const std::string& name, BorrowedFd fd);
    void drop_fd(const std::string& name);
    /// An empty text removes the key.
    void store_state(const std::string& key, const std::string& text);
    /// For the service manager, which only the guardian knows.
    void tell_phase(ServerPhase phase);
    /// The next supervisor is started from \a program; this one ends without announcing it.
    void make_room_for(const std::string& program) { send(wire::TrySupervisor{program}); }
    /// The end of the trial: the program of this supervisor is the server's from now on.
    void stay() { send(wire::SupervisorStays{}); }
    /// True when the guardian has been given everything that was sent.
    bool flushed() const { return channel_.flushed(); }
    /// The last message: this process ends on purpose, the guardian exits with \a status.
    void announce_exit(int status);

private:
    void on_message(ReceivedMessage raw);
    void send(const wire::SupervisorToGuardian& message, std::span<const int> fds = {});

    Events events_;
    MessageChannel channel_;
};

}  // namespace osmia::supervisor
