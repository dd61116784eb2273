// What a worker says and does: its messages, pings, output and death. The commands to it are in worker.cpp.
#include <sys/epoll.h>
#include <unistd.h>

#include "supervisor/crash_reports.h"
#include "supervisor/state_text.h"
#include "supervisor/worker.h"

namespace osmia::supervisor {

namespace {

// Output read in one turn of the loop, so that one talkative worker cannot keep it from the others.
constexpr std::size_t OutputPerTurn = 256 * 1024;
// Time between the end of the control socket and the verdict that the process lives on without it.
constexpr std::chrono::seconds EndOfChannelPatience{1};

std::uint64_t now_milliseconds() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

}  // namespace

bool Worker::floods() {
    const auto now = EventLoop::Clock::now();
    if (now - message_window_ >= std::chrono::seconds(1)) {
        message_window_ = now;
        messages_in_window_ = 0;
    }
    return ++messages_in_window_ > MaxWorkerMessagesPerSecond;
}

void Worker::on_message(ReceivedMessage raw) {
    if (record_.phase >= WorkerPhase::Ending) return;
    if (floods()) return fail("it sends too many messages");
    const auto decoded = wire::decode<wire::WorkerToSupervisor>(raw.bytes);
    if (!decoded.ok()) return fail("it sent " + decoded.error().message);
    std::visit([this](const auto& message) { on_message(message); }, decoded.value());
}

void Worker::on_message(const wire::WorkerReady& message) {
    if (record_.phase != WorkerPhase::Starting) return;
    if (message.version != wire::ProtocolVersion) return fail(fmt::format("it speaks protocol version {}, not {}", message.version, wire::ProtocolVersion));
    clear_deadline();
    set_phase(WorkerPhase::Ready);
    last_activity_ = EventLoop::Clock::now();
    owner_.worker_ready(*this);
}

void Worker::on_message(const wire::Pong& message) {
    if (message.sequence != ping_sequence_) return;
    ping_sent_.reset();
    const auto now = EventLoop::Clock::now();
    if (message.requests != requests_ || message.active != 0) last_activity_ = now;
    note_requests(message.requests);
    if (settings_->request_limit != 0 && requests_ >= settings_->request_limit) {
        ask(wire::RecycleReason::Requests, fmt::format("it has served {} requests", requests_));
    } else if (settings_->idle_timeout.count() > 0 && now - last_activity_ >= settings_->idle_timeout) {
        ask(wire::RecycleReason::Idle, "idle");
    }
}

void Worker::on_message(const wire::RecycleMe& message) {
    if (record_.phase != WorkerPhase::Running || asked_) return;
    asked_ = true;  // once in its life: a worker that asks again and again recycles nobody but itself
    owner_.worker_asks(*this, message);
}

void Worker::ask(wire::RecycleReason reason, const std::string& text) { on_message(wire::RecycleMe{reason, text}); }

void Worker::on_message(const wire::ExtensionLoaded& message) {
    wire::ExtensionLoaded report = message;
    for (std::string* text : {&report.file, &report.version, &report.description, &report.hash}) *text = printable(*text, MaxReportedText);
    const std::string name = report.file + "\n" + report.hash;
    const bool known = extensions_.contains(name);
    if (!known && extensions_.size() >= MaxExtensionsPerWorker) return;
    extensions_.insert_or_assign(name, report);
    if (known) return;
    store_report();
    owner_.worker_loaded(*this, report);
}

void Worker::on_message(const wire::ExtensionChanged& message) { owner_.worker_sees_change(*this, message.file); }

void Worker::on_message(const wire::ModuleLoaded& message) {
    const wire::ModuleLoaded report{printable(message.name, MaxReportedText), printable(message.image, MaxReportedText)};
    if (modules_.size() >= MaxModulesPerWorker && !modules_.contains(report.name)) return;
    modules_.insert_or_assign(report.name, report);
    store_report();
}

void Worker::store_report() {
    WorkerReport report;
    for (const auto& [name, one] : extensions_) report.extensions.push_back(one);
    for (const auto& [name, one] : modules_) report.modules.push_back(one);
    std::string text = to_state_text(report);
    // What does not fit one message to the guardian is reported anew or missing from a list: no more.
    constexpr std::size_t MaxStored = MaxMessageSize / 2;
    if (text.size() <= MaxStored) machinery_.guardian.store_state(fmt::format("report/{}", record_.worker_id), text);
}

void Worker::restore_report(const Restored& restored) {
    const auto found = restored.state.find(fmt::format("report/{}", record_.worker_id));
    if (found == restored.state.end()) return;
    const auto report = from_state_text<WorkerReport>(found->second);
    if (!report.ok()) return;
    for (const auto& one : report.value().extensions) extensions_.insert_or_assign(one.file + "\n" + one.hash, one);
    for (const auto& one : report.value().modules) modules_.insert_or_assign(one.name, one);
}

void Worker::on_message(const wire::WorkerFailed& message) {
    if (record_.phase != WorkerPhase::Starting || !end_reason_.empty()) return;
    end_reason_ = "it cannot start: " + printable(message.text);
    blamed_ = could_not_start_ = true;
}

void Worker::on_channel_closed(const Error& reason) {
    if (record_.phase >= WorkerPhase::Ending) return;
    if (reason.kind != ErrorKind::Closed) return fail("its control socket: " + reason.message);
    // Usually its death, which the pidfd tells any moment.
    set_deadline(EndOfChannelPatience, [this] { fail("it closed its control socket"); });
}

void Worker::schedule_ping() {
    if (settings_->ping_interval.count() == 0) return;
    machinery_.loop.cancel(ping_timer_);
    ping_timer_ = machinery_.loop.after(settings_->ping_interval, [this] { ping(); });
}

void Worker::ask_for_counters() {
    if (record_.phase != WorkerPhase::Running || ping_sent_) return;
    ping_sent_ = EventLoop::Clock::now();
    send(wire::Ping{++ping_sequence_});
}

void Worker::ping() {
    if (record_.phase != WorkerPhase::Running) return;
    const auto now = EventLoop::Clock::now();
    if (ping_sent_ && now - *ping_sent_ >= settings_->ping_limit) {
        return fail(fmt::format("no answer to a ping for {} s", std::chrono::duration<double>(settings_->ping_limit).count()));
    }
    if (!ping_sent_) {
        ping_sent_ = now;
        send(wire::Ping{++ping_sequence_});
    }
    const auto wait = std::min<EventLoop::Clock::duration>(settings_->ping_interval, *ping_sent_ + settings_->ping_limit - now);
    ping_timer_ = machinery_.loop.after(wait, [this] { ping(); });
}

void Worker::read_output() {
    char buffer[16 * 1024];
    const auto now = EventLoop::Clock::now();
    for (std::size_t total = 0; total < OutputPerTurn;) {
        const ssize_t size = ::read(output_.get(), buffer, sizeof buffer);
        if (size < 0) return;
        if (size == 0) {
            machinery_.loop.remove(output_);
            return;
        }
        lines_.add({buffer, static_cast<std::size_t>(size)}, now);
        total += static_cast<std::size_t>(size);
    }
}

void Worker::on_ended(std::optional<int> status) {
    const auto alive_channel = std::move(channel_);
    for (;;) {
        // Last words: why it could not start.
        auto rest = receive_message(alive_channel->socket());
        if (!rest.ok()) break;
        const auto decoded = wire::decode<wire::WorkerToSupervisor>(rest.value().bytes);
        if (!decoded.ok()) break;
        if (const auto* failed = std::get_if<wire::WorkerFailed>(&decoded.value())) on_message(*failed);
    }
    constexpr int MostTurns = 8;  // the pipe's size, unless a descendant still writes
    for (int i = 0; i < MostTurns; ++i) read_output();
    lines_.finish();
    machinery_.loop.remove(output_);

    Death death = status ? judge_death(*status) : unknown_death();
    const bool expected = leaving() && !blamed_;
    if (blamed_) death.own_fault = true;
    say_death(death, expected);
    for (const auto timer : {deadline_, ping_timer_, lifetime_timer_}) machinery_.loop.cancel(timer);
    record_.phase = WorkerPhase::Dead;
    forget();
    owner_.worker_ended(*this, death, expected);
}

void Worker::say_death(const Death& death, bool expected) {
    const std::string who = fmt::format("worker {} of pool {}", record_.pid, settings_->pool);
    std::string line;
    if (!end_reason_.empty() && blamed_) {
        line = fmt::format("{} was ended: {}", who, end_reason_);
    } else if (!expected) {
        line = fmt::format("{} died: {}", who, death.words);
    } else if (record_.phase == WorkerPhase::Draining && death.words != "exit status 0") {
        line = fmt::format("{} died while it ended: {}", who, death.words);
    }
    if (line.empty()) return;
    // One that could not start has said why itself.
    const bool reported = death.own_fault && record_.phase != WorkerPhase::Starting && !could_not_start_;
    if (reported) return report_crash(death, std::move(line));
    machinery_.output.problem(line);
}

void Worker::report_crash(const Death& death, std::string line) {
    CrashCase crash;
    crash.facts = {record_.crash_report, now_milliseconds(), settings_->pool, record_.pid, record_.generation, death.words, blamed_ ? end_reason_ : ""};
    crash.worker_id = record_.worker_id;
    crash.identity = settings_->identity;
    crash.note = std::move(crash_note_);
    crash.line = std::move(line);
    machinery_.crashes.begin(std::move(crash));
}

}  // namespace osmia::supervisor
