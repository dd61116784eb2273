// What a worker says and does: its messages, pings, output and death. The commands to it are in worker.cpp.
#include <sys/epoll.h>
#include <unistd.h>

#include "supervisor/worker.h"

namespace osmia::supervisor {

namespace {

// Output read in one turn of the loop, so that one talkative worker cannot keep it from the others.
constexpr std::size_t OutputPerTurn = 256 * 1024;
// Time between the end of the control socket and the verdict that the process lives on without it.
constexpr std::chrono::seconds EndOfChannelPatience{1};

}  // namespace

void Worker::on_message(ReceivedMessage raw) {
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
    const std::string name = message.file + "\n" + message.hash;
    if (extensions_.size() < MaxExtensionsPerWorker || extensions_.contains(name)) extensions_.insert_or_assign(name, message);
}

void Worker::on_message(const wire::ModuleLoaded& message) {
    if (modules_.size() < MaxModulesPerWorker || modules_.contains(message.name)) modules_.insert_or_assign(message.name, message);
}

void Worker::on_message(const wire::WorkerFailed& message) {
    if (record_.phase != WorkerPhase::Starting || !end_reason_.empty()) return;
    constexpr std::size_t MaxReason = 1000;
    end_reason_ = "it cannot start: " + message.text.substr(0, MaxReason);
    blamed_ = true;
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
    if (!end_reason_.empty() && blamed_) {
        machinery_.output.problem(fmt::format("{} was ended: {}", who, end_reason_));
    } else if (!expected) {
        machinery_.output.problem(fmt::format("{} died: {}", who, death.words));
    } else if (record_.phase == WorkerPhase::Draining && death.words != "exit status 0") {
        machinery_.output.problem(fmt::format("{} died while it ended: {}", who, death.words));
    }
}

}  // namespace osmia::supervisor
