#include "supervisor/guardian_link.h"

#include <poll.h>

namespace osmia::supervisor {

UniqueFd Restored::take_fd(const std::string& name) {
    const auto found = fds.find(name);
    if (found == fds.end()) return UniqueFd();
    UniqueFd fd = std::move(found->second);
    fds.erase(found);
    return fd;
}

Result<Restored> restore(BorrowedFd guardian) {
    Restored restored;
    for (;;) {
        pollfd wait{guardian.get(), POLLIN, 0};
        ::poll(&wait, 1, -1);
        auto received = wire::receive<wire::GuardianToSupervisor>(guardian);
        if (!received.ok() && received.error().kind == ErrorKind::Busy) continue;
        if (!received.ok()) return received.error();
        auto& [message, fds] = received.value();
        if (const auto* fd = std::get_if<wire::StoredFd>(&message); fd != nullptr && !fds.empty()) {
            restored.fds[fd->name] = std::move(fds[0]);
        } else if (const auto* state = std::get_if<wire::StoredState>(&message)) {
            restored.state[state->key] = state->text;
        } else if (const auto* done = std::get_if<wire::RestoreDone>(&message)) {
            restored.starts = done->starts;
            return restored;
        }
    }
}

GuardianLink::GuardianLink(EventLoop& loop, UniqueFd socket, Events events)
    : events_(std::move(events)),
      channel_(
          loop, std::move(socket), [this](ReceivedMessage raw) { on_message(std::move(raw)); },
          [this](const Error&) { events_.gone(); }) {}

void GuardianLink::on_message(ReceivedMessage raw) {
    const auto decoded = wire::decode<wire::GuardianToSupervisor>(raw.bytes);
    if (!decoded.ok()) return;
    if (const auto* exited = std::get_if<wire::ChildExited>(&decoded.value())) {
        events_.child_exited(static_cast<pid_t>(exited->pid), exited->status);
    } else if (const auto* signalled = std::get_if<wire::Signalled>(&decoded.value())) {
        events_.signalled(signalled->signal);
    }
}

void GuardianLink::send(const wire::SupervisorToGuardian& message, std::span<const int> fds) {
    channel_.send(wire::encode(message), fds);
}

void GuardianLink::store_fd(const std::string& name, BorrowedFd fd) {
    const int number = fd.get();
    send(wire::StoreFd{name}, std::span(&number, 1));
}

void GuardianLink::drop_fd(const std::string& name) { send(wire::DropFd{name}); }

void GuardianLink::store_state(const std::string& key, const std::string& text) { send(wire::StoreState{key, text}); }

void GuardianLink::tell_phase(wire::ServerPhase phase) { send(wire::PhaseChanged{phase}); }

void GuardianLink::announce_exit(int status) { send(wire::SupervisorExits{static_cast<std::uint8_t>(status)}); }

}  // namespace osmia::supervisor
