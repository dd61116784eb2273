/// \file
/// What the listener tells the supervisor; never blocks, keeps order.
#pragma once

#include <deque>

#include "listener/reactor.h"
#include "wire/listener_to_supervisor.h"
#include "wire/supervisor_to_listener.h"

namespace osmia::listener {

/// Messages waiting for a supervisor that does not read (one is being replaced, say). Beyond it, counters and repeated
/// calls for work are dropped first.
inline constexpr std::size_t MaxQueuedMessages = 10'000;

/// Receives the supervisor's messages.
class SupervisorEvents {
public:
    virtual ~SupervisorEvents() = default;
    virtual void on_message(wire::Received<wire::SupervisorToListener> received) = 0;
    virtual void on_supervisor_gone() = 0;
};

/// The control socket. Reactor's thread only.
class SupervisorChannel final : public IoHandler {
public:
    SupervisorChannel(UniqueFd socket, Reactor& reactor, SupervisorEvents& events);
    void send(const wire::ListenerToSupervisor& message);
    void on_io(std::uint32_t events) override;

private:
    void flush();

    UniqueFd socket_;
    Reactor& reactor_;
    SupervisorEvents& events_;
    std::deque<std::vector<std::byte>> queue_;
};

}  // namespace osmia::listener
