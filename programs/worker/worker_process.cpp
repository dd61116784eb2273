#include "worker/worker_process.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdio>

#include "config/pool_configuration.h"
#include "worker/crash_note.h"
#include "worker/death.h"

namespace osmia::worker {

namespace {

/// The listener's hello is on its way when the supervisor says that there is a channel.
constexpr int HelloLimitMs = 5000;
/// How often counters and idleness are looked at.
constexpr std::chrono::milliseconds SecondInterval{1000};
/// How often the channel thread looks for blocked threads while posted work waits; otherwise it sleeps until the next
/// deadline, and hardly ever wakes when there is none.
constexpr std::chrono::milliseconds BusyTick{10};
constexpr std::chrono::minutes LongestSleep{1};

std::string describe(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const auto& diagnostic : diagnostics) {
        if (diagnostic.severity != config::Severity::Error) continue;
        if (!text.empty()) text += "; ";
        text += config::format_diagnostic(diagnostic);
    }
    return text.empty() ? "the pool's configuration cannot be read" : text;
}

}  // namespace

WorkerProcess::WorkerProcess(UniqueFd control, ThreadFactory& threads)
    : control_(std::move(control)),
      wake_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      pool_(threads),
      threads_(threads) {}

WorkerProcess::~WorkerProcess() {
    for (const auto& channel : channels_) channel->close();
}

int WorkerProcess::run() {
    loop_.add(control_, EPOLLIN, [this](std::uint32_t) { on_control(); });
    loop_.add(wake_event_, EPOLLIN, [this](std::uint32_t) { on_wake(); });
    loop_.run();
    pool_.set_source(nullptr);
    for (const auto& channel : channels_) channel->close();
    if (core_) core_->terminate();
    std::fflush(nullptr);
    return exit_status_;
}

void WorkerProcess::send(const wire::WorkerToSupervisor& message) {
    // A supervisor that has gone is noticed by the end of the socket.
    (void)wire::send<wire::WorkerToSupervisor>(control_, message).ok();
}

void WorkerProcess::on_control() {
    for (;;) {
        auto received = wire::receive<wire::SupervisorToWorker>(control_);
        if (!received.ok()) {
            if (received.error().kind == ErrorKind::Busy) return;
            loop_.remove(control_);
            drain();
            return;
        }
        auto& [message, fds] = received.value();
        if (std::holds_alternative<wire::AttachListener>(message)) {
            if (fds.size() == 1) attach(std::move(fds.front()));
        } else if (const auto* begin = std::get_if<wire::StartWorker>(&message)) {
            on(*begin, fds);
        } else if (const auto* ping = std::get_if<wire::Ping>(&message)) {
            on(*ping);
        } else {
            on(std::get<wire::DrainWorker>(message));
        }
    }
}

void WorkerProcess::on(const wire::StartWorker& message, const std::vector<UniqueFd>& fds) {
    // Without a note a crash is reported without its stack: no reason not to serve.
    const auto noted = fds.empty() ? Result<void>() : open_crash_note(fds.front());
    if (!noted.ok()) std::fprintf(stderr, "%s\n", noted.error().message.c_str());
    const auto started = start(message);
    if (started.ok()) return send(wire::WorkerReady{});
    send(wire::WorkerFailed{started.error().message});
    exit_status_ = 1;
    loop_.stop();
}

Result<void> WorkerProcess::start(const wire::StartWorker& message) {
    if (core_) return make_error(ErrorKind::Invalid, "the worker was started twice");
    if (message.version != wire::ProtocolVersion) {
        return make_error(ErrorKind::Invalid, "the supervisor speaks version {}, this worker version {}",
                          message.version, wire::ProtocolVersion);
    }
    pool_name_ = message.pool;
    auto loaded = config::load_pool_configuration_file(message.configuration_file);
    if (!loaded.configuration) return make_error(ErrorKind::Invalid, "{}", describe(loaded.diagnostics));
    auto configuration =
        std::make_shared<const config::ServerConfiguration>(std::move(*loaded.configuration));
    WorkerFacts facts;
    facts.pool = message.pool;
    facts.pool_configuration_file = message.configuration_file;
    facts.extension_store = message.extension_store;
    const auto* pool = configuration->find_pool(message.pool);
    facts.classic_pipeline = pool != nullptr && pool->managed_pipeline_mode == config::PipelineMode::Classic;
    sites_ = std::make_unique<ConfiguredSites>(configuration);
    core_ = std::make_unique<WorkerCore>(
        *sites_, std::move(facts),
        CoreHooks{[this](std::function<void()> work) { post(std::move(work)); },
                  [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); },
                  [this](const OSMIA_EXTENSION_REPORT& report) { report_extension(report); },
                  [this](const std::string& reason, bool unhealthy) {
                      send(wire::RecycleMe{
                          unhealthy ? wire::RecycleReason::Unhealthy : wire::RecycleReason::OnDemand,
                          reason});
                  },
                  [this](const std::string& file) { send(wire::ExtensionChanged{file}); }});
    sites_->set_copies([this](const std::string& file) { return core_->extensions().has_copy(file); });
    loop_.add(core_->extensions().events(), EPOLLIN, [this](std::uint32_t) { core_->extensions().check(); });
    OSMIA_TRY_VOID(load_modules(*configuration, message.modules_folder));
    idle_timeout_ = std::chrono::milliseconds(message.idle_timeout_ms);
    idle_since_ = std::chrono::steady_clock::now();
    loop_.after(SecondInterval, [this] { every_second(); });
    return {};
}

Result<void> WorkerProcess::load_modules(const config::ServerConfiguration& configuration,
                                         const std::string& folder) {
    for (const auto& module : configuration.global_modules) {
        const bool is_path = module.image.find('/') != std::string::npos;
        const std::string image = is_path ? module.image : folder + "/" + module.image;
        OSMIA_TRY_VOID(core_->load_module(module.name, image));
        send(wire::ModuleLoaded{module.name, image});
    }
    return {};
}

void WorkerProcess::attach(UniqueFd socket) {
    if (!core_ || draining_) return;
    auto attached = Channel::attach(std::move(socket), HelloLimitMs, *this, threads_);
    if (!attached.ok()) {
        std::fprintf(stderr, "the channel to the listener cannot be attached: %s\n",
                     attached.error().message.c_str());
        return;
    }
    const auto channel = std::move(attached).value();
    channels_.push_back(channel);
    {
        const std::lock_guard lock(newest_mutex_);
        newest_ = channel;
    }
    pool_.set_source(channel);
    loop_.add(channel->socket(), EPOLLIN, [this, channel](std::uint32_t) {
        if (channel->on_socket_readable()) return;
        loop_.remove(channel->socket());
        channel->stop_taking();
        if (!channels_.empty() && channels_.back() == channel) pool_.set_source(nullptr);
        channel->close();
        pool_.post([this, number = channel->number()] { core_->listener_gone(number); });
        std::erase(channels_, channel);
    });
}

// Modules run on pool threads only.
void WorkerProcess::on_connection_closed(Channel& channel, std::uint64_t connection_id) {
    pool_.post([this, key = ConnectionKey{channel.number(), connection_id}] { core_->connection_closed(key); });
}

void WorkerProcess::on(const wire::Ping& message) {
    // Through a request thread on purpose: that is what the supervisor wants to know.
    pool_.post([this, sequence = message.sequence] {
        core_->health_check();
        send(wire::Pong{sequence, requests_, active_});
    });
}

void WorkerProcess::on(const wire::DrainWorker&) {
    drain();
}

void WorkerProcess::drain() {
    if (draining_.exchange(true)) return;
    for (const auto& channel : channels_) channel->stop_taking();
    pool_.set_source(nullptr);
    finish_if_idle();
}

void WorkerProcess::finish_if_idle() {
    if (draining_ && active_ == 0) loop_.stop();
}

void WorkerProcess::execute(std::unique_ptr<RequestSession> session) {
    active_.fetch_add(1, std::memory_order_seq_cst);
    if (sleeps_.load(std::memory_order_seq_cst)) wake_main_thread();
    const wire::RequestView& view = session->request();
    const std::uint32_t limit = view.fixed().execution_timeout_ms;
    std::uint64_t ticket = 0;
    if (limit != 0) {
        const auto deadline = ExecutionWatch::Clock::now() + std::chrono::milliseconds(limit);
        ticket = watch_.begin(deadline, std::string(view.request_id()));
        wake_channel_thread(deadline);
    }
    const RequestOnThread on_thread(view.request_id());
    core_->execute(std::move(session), [this, ticket] {
        if (ticket != 0) watch_.end(ticket);
        request_done();
    });
}

void WorkerProcess::request_done() {
    requests_.fetch_add(1, std::memory_order_relaxed);
    if (active_.fetch_sub(1, std::memory_order_seq_cst) == 1 && draining_) wake_main_thread();
}

void WorkerProcess::wake_main_thread() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_event_.get(), &one, sizeof one);
}

void WorkerProcess::on_wake() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_event_.get(), &count, sizeof count);
    finish_if_idle();
    if (sleeps_.exchange(false)) loop_.after(SecondInterval, [this] { every_second(); });
}

// On the channel threads. Posted work that nobody begins between two ticks means that every thread is
// blocked.
void WorkerProcess::on_tick() {
    const std::uint64_t begun = pool_.begun();
    if (pool_.waiting() != 0 && begun_at_last_tick_.exchange(begun) == begun) pool_.grow();
    if (const auto request = watch_.overdue(ExecutionWatch::Clock::now())) {
        die_by_own_fault(("request " + request->request_id + " exceeded executionTimeout").c_str(), request->thread);
    }
}

void WorkerProcess::check_idle() {
    const auto now = std::chrono::steady_clock::now();
    if (requests_ != requests_at_last_check_ || active_ != 0) {
        requests_at_last_check_ = requests_;
        idle_since_ = now;
        idle_reported_ = false;
    }
    if (idle_timeout_.count() > 0 && now - idle_since_ >= idle_timeout_ && !idle_reported_) {
        idle_reported_ = true;
        send(wire::RecycleMe{wire::RecycleReason::Idle, "idle"});
    }
}

void WorkerProcess::every_second() {
    const bool was_quiet = is_quiet();
    core_->health_check();
    core_->extensions().check();
    check_idle();
    constexpr std::chrono::seconds KeepFiles{10};
    core_->forget_files(std::chrono::steady_clock::now() - (was_quiet ? std::chrono::seconds(0) : KeepFiles));
    if (!was_quiet) {
        loop_.after(SecondInterval, [this] { every_second(); });
        return;
    }
    // Nothing has happened for a second: the next request wakes this thread, or the idle time-out.
    sleeps_ = true;
    if (!is_quiet()) return wake_main_thread();
    if (idle_timeout_.count() > 0 && !idle_reported_) {
        loop_.after(idle_timeout_ - (std::chrono::steady_clock::now() - idle_since_), [this] { check_idle(); });
    }
}

bool WorkerProcess::is_quiet() const {
    return active_.load(std::memory_order_seq_cst) == 0 && requests_.load(std::memory_order_seq_cst) == requests_at_last_check_;
}

// The pool's threads sleep on the newest channel. One that was replaced has none: its requests become posted work.
void WorkerProcess::on_starved(Channel& channel) {
    {
        const std::lock_guard lock(newest_mutex_);
        if (newest_.get() == &channel) return pool_.grow();
    }
    pool_.post([older = channel.shared_from_this()] {
        while (older->run_one()) {
        }
    });
}

ExecutionWatch::Clock::time_point WorkerProcess::next_tick() const {
    const auto now = ExecutionWatch::Clock::now();
    if (pool_.waiting() != 0) return now + BusyTick;
    return std::min(watch_.next().value_or(now + LongestSleep), now + LongestSleep);
}

// What comes after the time has been stored wakes the thread; what came before is seen by the second look.
std::chrono::nanoseconds WorkerProcess::tick_interval() {
    sleeps_until_.store(next_tick().time_since_epoch().count(), std::memory_order_seq_cst);
    return std::max<std::chrono::nanoseconds>(next_tick() - ExecutionWatch::Clock::now(), std::chrono::nanoseconds(0));
}

void WorkerProcess::wake_channel_thread(ExecutionWatch::Clock::time_point at_the_latest) {
    if (sleeps_until_.load(std::memory_order_seq_cst) <= at_the_latest.time_since_epoch().count()) return;
    const std::lock_guard lock(newest_mutex_);
    if (newest_) newest_->end().wake_channel_thread();
}

void WorkerProcess::post(std::function<void()> work) {
    pool_.post(std::move(work));
    // Someone has to notice if every thread is blocked.
    if (pool_.waiting() != 0) wake_channel_thread(ExecutionWatch::Clock::now() + BusyTick);
}

void WorkerProcess::report_extension(const OSMIA_EXTENSION_REPORT& report) {
    wire::ExtensionLoaded message;
    message.file = report.pszFile;
    message.version = report.pszVersion;
    message.description = report.pszDescription;
    message.hash = report.pszHash;
    message.cached = report.fCached != FALSE;
    message.loaded_at = report.LoadedAt;
    message.requests = report.Requests;
    send(message);
}

}  // namespace osmia::worker
