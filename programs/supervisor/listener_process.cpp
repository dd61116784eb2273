#include "supervisor/listener_process.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <utility>

#include "supervisor/snapshot.h"
#include "supervisor/spawn.h"
#include "supervisor/state_text.h"
#include "supervisor/worker_death.h"

namespace osmia::supervisor {

namespace {

std::chrono::milliseconds restart_delay(int quick_deaths) {
    using std::chrono::milliseconds;
    constexpr std::array Delays{milliseconds(0), milliseconds(0), milliseconds(10), milliseconds(100), milliseconds(1000)};
    return Delays[static_cast<std::size_t>(std::min<int>(quick_deaths, Delays.size() - 1))];
}

}  // namespace

ListenerProcess::ListenerProcess(Surroundings surroundings, std::optional<Identity> identity, Events events)
    : with_(surroundings), identity_(identity), events_(std::move(events)) {}

void ListenerProcess::start() {
    const auto launched = launch();
    if (launched.ok()) return;
    with_.output.problem("the listener cannot be started: " + launched.error().message);
    start_again(true);
}

Result<void> ListenerProcess::launch() {
    auto [ours, theirs] = OSMIA_TRY(make_message_pair());
    SpawnRequest request;
    request.program = with_.programs.listener;
    request.arguments = {"http"};
    request.environment = {"OSMIA_CONTROL_FD=3"};
    for (const char* name : {"TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const char* value = ::getenv(name)) request.environment.push_back(fmt::format("{}={}", name, value));
    }
    request.control = theirs.get();
    request.identity = identity_;
    auto spawned = OSMIA_TRY(spawn(request));
    with_.records.add(spawned.pid);
    take_over(spawned.pid, std::move(ours), std::move(spawned.pidfd));
    with_.guardian.store_fd("listener/control", channel_->socket());
    with_.guardian.store_fd("listener/pidfd", watch_->pidfd());
    configured_ = false;
    started_ = EventLoop::Clock::now();
    ready_ = false;
    deadline_ = with_.loop.after(ListenerStartLimit, [this] { fail("it does not get ready"); });
    send(wire::ListenerHello{});
    events_.started();
    return {};
}

bool ListenerProcess::adopt(Restored& restored) {
    const pid_t pid = static_cast<pid_t>(std::atol(restored.state["listener"].c_str()));
    UniqueFd control = restored.take_fd("listener/control");
    UniqueFd pidfd = restored.take_fd("listener/pidfd");
    if (pid <= 0 || !control || !pidfd) return false;
    with_.records.add(pid);
    take_over(pid, std::move(control), std::move(pidfd));
    ready_ = configured_ = true;
    return true;
}

void ListenerProcess::take_over(pid_t pid, UniqueFd control, UniqueFd pidfd) {
    channel_ = std::make_unique<MessageChannel>(
        with_.loop, std::move(control), [this](ReceivedMessage raw) { on_message(std::move(raw)); },
        [this](const Error& reason) {
            if (reason.kind != ErrorKind::Closed) fail("its control socket: " + reason.message);
        });
    watch_ = std::make_unique<ProcessWatch>(with_.loop, pid, std::move(pidfd), [this](std::optional<int> status) { on_ended(status); });
}

void ListenerProcess::send(const wire::SupervisorToListener& message, std::span<const int> fds) {
    if (channel_ != nullptr) channel_->send(wire::encode(message), fds);
}

void ListenerProcess::on_message(ReceivedMessage raw) {
    const auto decoded = wire::decode<wire::ListenerToSupervisor>(raw.bytes);
    if (!decoded.ok()) return fail("it sent " + decoded.error().message);
    if (const auto* ready = std::get_if<wire::ListenerReady>(&decoded.value())) {
        with_.loop.cancel(deadline_);
        ready_ = true;
        if (ready->version != wire::ProtocolVersion) return fail(fmt::format("it speaks protocol version {}", ready->version));
    }
    if (std::holds_alternative<wire::SnapshotApplied>(decoded.value()) && !std::exchange(configured_, true)) {
        // Only now may another supervisor adopt it: one that died while it told the listener what there is took the rest along.
        with_.guardian.store_state("listener", std::to_string(watch_->pid()));
    }
    events_.said(decoded.value());
}

void ListenerProcess::fail(const std::string& reason) {
    if (watch_ == nullptr) return;
    with_.output.problem(fmt::format("the listener ({}) is ended: {}", watch_->pid(), reason));
    watch_->send_signal(SIGKILL);
}

void ListenerProcess::shut_down(std::chrono::milliseconds limit) {
    shutting_down_ = true;
    if (watch_ == nullptr) return events_.ended();
    send(wire::DrainListener{to_milliseconds(limit)});
    // The listener keeps to the limit itself; this is for one that does not.
    constexpr std::chrono::seconds Grace{2};
    with_.loop.cancel(deadline_);
    deadline_ = with_.loop.after(limit + Grace, [this] { fail("it does not finish"); });
}

void ListenerProcess::give_status(pid_t pid, int status) {
    if (watch_ != nullptr && watch_->pid() == pid) watch_->give_status(status);
}

void ListenerProcess::on_ended(std::optional<int> status) {
    const auto body = std::move(watch_);
    channel_.reset();
    with_.loop.cancel(deadline_);
    with_.records.remove(body->pid());
    for (const char* name : {"listener/control", "listener/pidfd"}) with_.guardian.drop_fd(name);
    with_.guardian.store_state("listener", {});
    if (shutting_down_) return events_.ended();
    const Death death = status ? judge_death(*status) : unknown_death();
    with_.output.problem(fmt::format("the listener ({}) died: {}; its connections are lost", body->pid(), death.words));
    start_again(death.own_fault || !ready_);
}

void ListenerProcess::start_again(bool blamed) {
    const bool quick = blamed && EventLoop::Clock::now() - started_ < QuickListenerDeath;
    quick_deaths_ = quick ? quick_deaths_ + 1 : 0;
    const auto delay = restart_delay(quick_deaths_);
    if (delay.count() == 0) return start();
    with_.loop.after(delay, [this] {
        if (!shutting_down_) return start();
        if (watch_ == nullptr) events_.ended();
    });
}

}  // namespace osmia::supervisor
