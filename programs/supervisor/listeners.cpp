#include "supervisor/listeners.h"

#include <algorithm>
#include <array>

#include "supervisor/state_text.h"

namespace osmia::supervisor {

namespace {

std::chrono::milliseconds restart_delay(int quick_deaths) {
    using std::chrono::milliseconds;
    constexpr std::array Delays{milliseconds(0), milliseconds(0), milliseconds(10), milliseconds(100), milliseconds(1000)};
    return Delays[static_cast<std::size_t>(std::min<int>(quick_deaths, Delays.size() - 1))];
}

}  // namespace

Listeners::Listeners(ListenerSurroundings surroundings, std::optional<Identity> identity, ListenerId first_id, Events events)
    : with_(surroundings), identity_(identity), events_(std::move(events)), last_id_(first_id) {}

ListenerProcess::Events Listeners::process_events() {
    ListenerProcess::Events events;
    events.configured = [this](ListenerProcess& process) { on_configured(process); };
    events.said = [this](ListenerProcess& process, const wire::ListenerToSupervisor& message) { events_.said(process.id(), message); };
    events.ended = [this](ListenerProcess& process, const Death& death) { on_ended(process, death); };
    return events;
}

void Listeners::start() {
    const auto launched = launch();
    if (launched.ok()) return;
    with_.output.problem("the listener cannot be started: " + launched.error().message);
    start_again(true, EventLoop::Clock::now());
}

Result<void> Listeners::launch() {
    processes_.push_back(OSMIA_TRY(ListenerProcess::start(with_, identity_, ++last_id_, process_events())));
    next_ = processes_.back().get();
    events_.started(next_->id());
    return {};
}

bool Listeners::adopt(Restored& restored) {
    for (const auto& [key, text] : restored.state) {
        if (!key.starts_with("listener/")) continue;
        const auto record = from_state_text<ListenerRecord>(text);
        auto process = record.ok() ? ListenerProcess::adopt(with_, record.value(), restored, process_events()) : nullptr;
        if (process != nullptr) processes_.push_back(std::move(process));
    }
    std::sort(processes_.begin(), processes_.end(), [](const auto& a, const auto& b) { return a->id() < b->id(); });
    for (const auto& process : processes_) {
        if (!process->draining()) current_ = process.get();
    }
    // A supervisor that died between the new one's first word and the old one's last.
    for (const auto& process : processes_) {
        if (process.get() != current_) process->drain(ReplacedListenerLimit, true);
    }
    return current_ != nullptr;
}

void Listeners::replace(Done done) {
    if (shutting_down_) return done(make_error(ErrorKind::Closed, "the server ends"));
    const auto draining = std::count_if(processes_.begin(), processes_.end(), [](const auto& one) { return one->draining(); });
    if (static_cast<std::size_t>(draining) >= MaxDrainingListeners) {
        return done(make_error(ErrorKind::Busy, "{} replaced listeners still finish what they have", draining));
    }
    waiters_.push_back(std::move(done));
    if (next_ != nullptr) return;
    const auto launched = launch();
    if (!launched.ok()) answer(launched);
}

void Listeners::on_configured(ListenerProcess& process) {
    if (&process != next_) return;
    ListenerProcess* const old = std::exchange(current_, std::exchange(next_, nullptr));
    if (old != nullptr) old->drain(ReplacedListenerLimit, true);
    answer({});
}

void Listeners::on_ended(ListenerProcess& process, const Death& death) {
    const auto found = std::find_if(processes_.begin(), processes_.end(), [&](const auto& one) { return one.get() == &process; });
    // Its owner is in the middle of a call to us: it is destroyed from the loop.
    std::shared_ptr<ListenerProcess> body = std::move(*found);
    processes_.erase(found);
    with_.loop.after({}, [body] {});
    events_.gone(process.id());
    const bool was_current = current_ == &process, was_next = next_ == &process;
    if (was_current) current_ = nullptr;
    if (was_next) next_ = nullptr;
    if (shutting_down_) {
        if (processes_.empty()) events_.ended();
        return;
    }
    if (process.draining() && death.words == "exit status 0") return;
    const char* const lost = was_next ? "it had not begun to serve" : "its connections are lost";
    with_.output.problem(fmt::format("the listener ({}) died: {}; {}", process.pid(), death.words, lost));
    if (was_next) answer(make_error(ErrorKind::System, "the new listener died: {}", death.words));
    if ((was_current || was_next) && current_ == nullptr && next_ == nullptr) {
        start_again(death.own_fault || !process.configured(), process.started());
    }
}

void Listeners::start_again(bool blamed, EventLoop::Clock::time_point started) {
    const bool quick = blamed && EventLoop::Clock::now() - started < QuickListenerDeath;
    quick_deaths_ = quick ? quick_deaths_ + 1 : 0;
    const auto delay = restart_delay(quick_deaths_);
    if (delay.count() == 0) return start();
    with_.loop.after(delay, [this] {
        if (!shutting_down_) return start();
        if (processes_.empty()) events_.ended();
    });
}

void Listeners::answer(const Result<void>& result) {
    for (auto& waiter : std::exchange(waiters_, {})) waiter(result);
}

void Listeners::shut_down(std::chrono::milliseconds limit) {
    shutting_down_ = true;
    answer(make_error(ErrorKind::Closed, "the server ends"));
    if (processes_.empty()) return events_.ended();
    for (auto& process : processes_) process->drain(limit, false);
}

void Listeners::give_status(pid_t pid, int status) {
    for (auto& process : processes_) {
        if (process->pid() == pid) return process->give_status(status);
    }
}

void Listeners::send(const wire::SupervisorToListener& message, std::span<const int> fds) {
    for (auto& process : processes_) process->send(message, fds);
}

void Listeners::send_to(ListenerId id, const wire::SupervisorToListener& message, std::span<const int> fds) {
    for (auto& process : processes_) {
        if (process->id() == id) process->send(message, fds);
    }
}

std::vector<ListenerId> Listeners::ids() const {
    std::vector<ListenerId> list;
    for (const auto& process : processes_) list.push_back(process->id());
    return list;
}

std::vector<pid_t> Listeners::pids() const {
    std::vector<pid_t> list;
    for (const auto& process : processes_) list.push_back(process->pid());
    return list;
}

}  // namespace osmia::supervisor
