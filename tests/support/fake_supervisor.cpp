/// \file
/// A supervisor of a few lines, for the guardian's tests. Usage: fake_supervisor BEHAVIOUR
///   remember  first start: stores a pipe's write end and a text, then dies by SIGKILL; second start: checks that both
///             came back, writes a byte into the pipe, exits with 7 as announced
///   orphan    first start: leaves a child behind that waits for the death and exits with 5; second start: exits with
///             the status the guardian reports for the orphan
///   trial-stays, trial-fails
///             first start: asks for NAME-next as the next program; that one stays or dies by SIGKILL. A later start exits with
///             10 as the program before, with 11 as NAME-next
///   obey      exits with 0 as announced when told to shut down; with 9 when told to reload
///   ignore    ignores everything
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "wire/guardian.h"
#include "wire/process_start.h"

namespace {

using namespace osmia;

const int ChannelNumber = wire::ControlDescriptor;
const BorrowedFd Channel(ChannelNumber);

wire::Received<wire::GuardianToSupervisor> next() {
    pollfd wait{Channel.get(), POLLIN, 0};
    ::poll(&wait, 1, -1);
    auto message = wire::receive<wire::GuardianToSupervisor>(Channel);
    if (!message.ok()) ::_exit(99);
    return std::move(message).value();
}

void tell(const wire::SupervisorToGuardian& message, std::span<const int> fds = {}) {
    if (!wire::send<wire::SupervisorToGuardian>(Channel, message, fds).ok()) ::_exit(98);
}

[[noreturn]] void leave(int status) {
    tell(wire::SupervisorExits{static_cast<std::uint8_t>(status)});
    ::_exit(status);
}

struct Restored {
    std::map<std::string, UniqueFd> fds;
    std::map<std::string, std::string> state;
    std::uint32_t starts = 0;
};

Restored restore() {
    Restored restored;
    for (;;) {
        auto received = next();
        if (const auto* fd = std::get_if<wire::StoredFd>(&received.message)) {
            restored.fds[fd->name] = std::move(received.fds.at(0));
        } else if (const auto* state = std::get_if<wire::StoredState>(&received.message)) {
            restored.state[state->key] = state->text;
        } else if (const auto* done = std::get_if<wire::RestoreDone>(&received.message)) {
            restored.starts = done->starts;
            return restored;
        }
    }
}

[[noreturn]] void remember(Restored restored) {
    if (restored.starts == 1) {
        const int error_output = STDERR_FILENO;
        tell(wire::StoreFd{"pipe"}, std::span(&ChannelNumber, 1));
        tell(wire::StoreFd{"pipe"}, std::span(&error_output, 1));  // replaces
        tell(wire::StoreFd{"pipe"});                               // without a descriptor: changes nothing
        tell(wire::StoreFd{"dropped"}, std::span(&error_output, 1));
        tell(wire::DropFd{"unknown"});
        tell(wire::DropFd{"dropped"});
        tell(wire::StoreState{"pool", "stopped"});
        tell(wire::StoreState{"pool", "running"});
        tell(wire::StoreState{"site", "removed again"});
        tell(wire::StoreState{"site", ""});
        ::kill(::getpid(), SIGKILL);
    }
    if (restored.fds.size() != 1 || restored.state != std::map<std::string, std::string>{{"pool", "running"}}) leave(97);
    if (::write(restored.fds.at("pipe").get(), "kept", 4) != 4) leave(96);
    leave(7);
}

[[noreturn]] void orphan(const Restored& restored) {
    if (restored.starts == 1) {
        const pid_t parent = ::getpid();
        if (::fork() == 0) {
            while (::getppid() == parent) ::usleep(1000);
            ::_exit(5);
        }
        ::kill(parent, SIGKILL);
    }
    for (;;) {
        const auto received = next();
        const auto* exited = std::get_if<wire::ChildExited>(&received.message);
        if (exited != nullptr) leave(WEXITSTATUS(exited->status));
    }
}

[[noreturn]] void trial(const std::string& self, bool stays, const Restored& restored) {
    const bool is_next = self.ends_with("-next");
    if (restored.starts == 1) {
        tell(wire::TrySupervisor{self + "-next"});
        ::_exit(0);
    }
    if (restored.starts > 2) leave(is_next ? 11 : 10);
    if (!is_next) leave(95);
    if (stays) tell(wire::SupervisorStays{});
    if (!stays) tell(wire::SupervisorExits{94});  // whatever it says: it did not stay
    ::kill(::getpid(), SIGKILL);
    ::_exit(93);
}

[[noreturn]] void obey() {
    for (;;) {
        const auto received = next();
        const auto* signalled = std::get_if<wire::Signalled>(&received.message);
        if (signalled == nullptr) continue;
        if (signalled->signal == wire::GuardianSignal::Shutdown) leave(0);
        if (signalled->signal == wire::GuardianSignal::Reload) leave(9);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view behaviour = argc > 1 ? argv[1] : "";
    Restored restored = restore();
    if (behaviour == "remember") remember(std::move(restored));
    if (behaviour == "orphan") orphan(restored);
    if (behaviour.starts_with("trial-")) trial(argv[0], behaviour == "trial-stays", restored);
    if (behaviour == "obey") obey();
    for (;;) ::pause();
}
