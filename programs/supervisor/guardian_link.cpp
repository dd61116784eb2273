#include "supervisor/guardian_link.h"

#include <fmt/format.h>
#include <poll.h>
#include <time.h>

namespace osmia::supervisor {

namespace {

std::string text_of(ServerPhase phase) {
    switch (phase) {
        case ServerPhase::Ready: return "READY=1\nSTATUS=Serving";
        case ServerPhase::Stopping: return "STOPPING=1\nSTATUS=Draining";
        case ServerPhase::Reloading: break;
    }
    // Units of Type=notify-reload ask for the time at which the reload began.
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reloading", now.tv_sec * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

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

void GuardianLink::tell_phase(ServerPhase phase) { send(wire::ServiceManagerNews{text_of(phase)}); }

void GuardianLink::announce_exit(int status) { send(wire::SupervisorExits{static_cast<std::uint8_t>(status)}); }

}  // namespace osmia::supervisor
