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

Guardian::Guardian(EventLoop& loop, std::vector<std::string> command, Say say, std::string notify_socket)
    : loop_(loop), command_(std::move(command)), say_(std::move(say)), notify_socket_(std::move(notify_socket)) {}

int Guardian::run() {
    start();
    loop_.run();
    return exit_status_;
}

void Guardian::start() {
    on_trial_ = !trial_.empty();
    auto command = command_;
    if (on_trial_) command[0] = trial_;
    auto pair = make_message_pair();
    auto pid = pair.ok() ? start_supervisor(command, pair.value().second) : Result<pid_t>(pair.error());
    if (!pid.ok()) {
        say_("cannot start the supervisor: " + pid.error().message);
        loop_.after(restart_delay_.after_death({}), [this] { start(); });
        return;
    }
    supervisor_ = pid.value();
    started_ = EventLoop::Clock::now();
    channel_ = std::make_unique<MessageChannel>(
        loop_, std::move(pair.value().first), [this](ReceivedMessage message) { receive(std::move(message)); }, [](const Error&) {});
    give_everything();
}

void Guardian::give_everything() {
    for (const auto& [name, fd] : fds_) {
        const int number = fd.get();
        tell(wire::StoredFd{name}, std::span(&number, 1));
    }
    for (const auto& [key, text] : state_) tell(wire::StoredState{key, text});
    tell(wire::RestoreDone{++starts_});
    for (const auto& exit : std::exchange(missed_exits_, {})) tell(exit);
    if (shutting_down_) tell(wire::Signalled{wire::GuardianSignal::Shutdown});
}

void Guardian::tell(const wire::GuardianToSupervisor& message, std::span<const int> fds) {
    if (channel_ != nullptr) channel_->send(wire::encode(message), fds);
}

void Guardian::receive(ReceivedMessage raw) {
    auto decoded = wire::decode<wire::SupervisorToGuardian>(raw.bytes);
    if (!decoded.ok()) return say_("the supervisor sent " + decoded.error().message);
    std::visit([&](const auto& message) { on(message, raw.fds); }, decoded.value());
}

void Guardian::on(const wire::StoreFd& message, std::vector<UniqueFd>& fds) {
    if (!fds.empty()) fds_.insert_or_assign(message.name, std::move(fds[0]));
}

void Guardian::on(const wire::StoreState& message, std::vector<UniqueFd>&) {
    if (message.text.empty()) state_.erase(message.key);
    else state_.insert_or_assign(message.key, message.text);
}

void Guardian::on(const wire::SupervisorStays&, std::vector<UniqueFd>&) {
    if (!std::exchange(on_trial_, false)) return;
    command_[0] = std::exchange(trial_, {});
}

void Guardian::on_signal(int number) {
    if (number == SIGCHLD) return reap();
    if (number == SIGHUP) tell(wire::Signalled{wire::GuardianSignal::Reload});
    if (number == SIGUSR1) tell(wire::Signalled{wire::GuardianSignal::ReopenLogs});
    if (number != SIGTERM && number != SIGINT) return;
    if (std::exchange(shutting_down_, true)) return finish(EndedAtOnce);
    tell(wire::Signalled{wire::GuardianSignal::Shutdown});
}

void Guardian::reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        const wire::ChildExited exit{static_cast<std::uint32_t>(pid), status};
        if (pid == supervisor_) on_supervisor_death(status);
        else if (channel_ != nullptr) tell(exit);
        else missed_exits_.push_back(exit);
    }
}

void Guardian::on_supervisor_death(int status) {
    // Its last messages may still be unread: the signal and the socket are two ways into the loop.
    for (auto rest = receive_message(channel_->socket()); rest.ok(); rest = receive_message(channel_->socket())) receive(std::move(rest).value());
    channel_.reset();
    supervisor_ = -1;
    const bool failed_trial = std::exchange(on_trial_, false);
    if (failed_trial) trial_.clear();
    if (announced_status_ && (!failed_trial || shutting_down_)) return finish(*announced_status_);
    announced_status_.reset();
    const bool makes_room = !failed_trial && !trial_.empty();
    const auto delay = failed_trial || makes_room ? std::chrono::milliseconds(0) : restart_delay_.after_death(EventLoop::Clock::now() - started_);
    if (!makes_room) say_(fmt::format("the supervisor died ({}); starting {} again", describe(status), failed_trial ? "the one before" : "it"));
    loop_.after(delay, [this] { start(); });
}

void Guardian::finish(int status) {
    exit_status_ = status;
    loop_.stop();
    kill_all_descendants();
}

}  // namespace osmia::guardian
