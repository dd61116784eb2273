#include "guardian/guardian.h"

#include <signal.h>
#include <sys/wait.h>

#include "guardian/children.h"

namespace osmia::guardian {

namespace {

// An operator who asks for an end twice gets it; 1 says that not everything was finished.
constexpr int EndedAtOnce = 1;

std::string describe(int status) {
    if (!WIFSIGNALED(status)) return fmt::format("exit status {}", WEXITSTATUS(status));
    return fmt::format("SIG{}", ::sigabbrev_np(WTERMSIG(status)));
}

}  // namespace

Guardian::Guardian(EventLoop& loop, std::vector<std::string> command, Say say, ServiceManager service_manager)
    : loop_(loop), command_(std::move(command)), say_(std::move(say)), service_manager_(std::move(service_manager)) {}

int Guardian::run() {
    start();
    loop_.run();
    return exit_status_;
}

void Guardian::start() {
    auto pair = make_message_pair();
    auto pid = pair.ok() ? start_supervisor(command_, pair.value().second) : Result<pid_t>(pair.error());
    if (!pid.ok()) {
        say_("cannot start the supervisor: " + pid.error().message);
        loop_.after(restart_delay_.after_death({}), [this] { start(); });
        return;
    }
    supervisor_ = pid.value();
    started_ = EventLoop::Clock::now();
    ++starts_;
    channel_ = std::make_unique<MessageChannel>(
        loop_, std::move(pair.value().first), [this](ReceivedMessage message) { on_message(std::move(message)); }, [](const Error&) {});
    for (const auto& [name, fd] : store_.fds()) {
        const int number = fd.get();
        tell(wire::StoredFd{name}, std::span(&number, 1));
    }
    for (const auto& [key, text] : store_.state()) tell(wire::StoredState{key, text});
    tell(wire::RestoreDone{starts_});
    for (const auto& exit : missed_exits_) tell(exit);
    missed_exits_.clear();
    if (shutting_down_) tell(wire::Signalled{wire::GuardianSignal::Shutdown});
}

void Guardian::tell(const wire::GuardianToSupervisor& message, std::span<const int> fds) {
    channel_->send(wire::encode(message), fds);
}

void Guardian::on_message(ReceivedMessage raw) {
    auto decoded = wire::decode<wire::SupervisorToGuardian>(raw.bytes);
    if (!decoded.ok()) return say_("the supervisor sent " + decoded.error().message);
    const auto& message = decoded.value();
    if (const auto* store = std::get_if<wire::StoreFd>(&message)) {
        store_.apply(*store, raw.fds.empty() ? UniqueFd() : std::move(raw.fds[0]));
    } else if (const auto* drop = std::get_if<wire::DropFd>(&message)) {
        store_.apply(*drop);
    } else if (const auto* state = std::get_if<wire::StoreState>(&message)) {
        store_.apply(*state);
    } else if (const auto* exits = std::get_if<wire::SupervisorExits>(&message)) {
        announced_status_ = exits->status;
    } else if (const auto* changed = std::get_if<wire::PhaseChanged>(&message)) {
        service_manager_.tell(changed->phase);
    }
}

void Guardian::on_signal(int number) {
    if (number == SIGCHLD) return reap();
    const bool running = supervisor_ > 0 && channel_ != nullptr;
    if (number == SIGHUP && running) tell(wire::Signalled{wire::GuardianSignal::Reload});
    if (number == SIGUSR1 && running) tell(wire::Signalled{wire::GuardianSignal::ReopenLogs});
    if (number != SIGTERM && number != SIGINT) return;
    if (shutting_down_) return finish(EndedAtOnce);
    shutting_down_ = true;
    if (running) tell(wire::Signalled{wire::GuardianSignal::Shutdown});
}

void Guardian::reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == supervisor_) {
            on_supervisor_death(status);
            continue;
        }
        const wire::ChildExited exit{static_cast<std::uint32_t>(pid), status};
        if (supervisor_ > 0) {
            tell(exit);
        } else {
            missed_exits_.push_back(exit);
        }
    }
}

void Guardian::on_supervisor_death(int status) {
    // Its last messages may still be unread: the signal and the socket are two ways into the loop.
    for (;;) {
        auto rest = receive_message(channel_->socket());
        if (!rest.ok()) break;
        on_message(std::move(rest).value());
    }
    channel_.reset();
    supervisor_ = -1;
    if (announced_status_) return finish(*announced_status_);
    const auto delay = restart_delay_.after_death(EventLoop::Clock::now() - started_);
    say_(fmt::format("the supervisor died ({}); starting it again", describe(status)));
    loop_.after(delay, [this] { start(); });
}

void Guardian::finish(int status) {
    exit_status_ = status;
    loop_.stop();
    kill_all_descendants();
}

}  // namespace osmia::guardian
