#include "supervisor/pool.h"

#include <algorithm>
#include <array>

#include "supervisor/state_text.h"

namespace osmia::supervisor {

namespace {

// Before another try after so many failed starts in a row.
std::chrono::milliseconds start_delay(int failed_starts) {
    using std::chrono::milliseconds;
    constexpr std::array Delays{milliseconds(0), milliseconds(10), milliseconds(100), milliseconds(1000)};
    return Delays[static_cast<std::size_t>(std::min<int>(failed_starts, Delays.size() - 1))];
}

}  // namespace

Pool::Pool(Machinery& machinery, PoolRecord record, NextWorkerId next_worker_id)
    : machinery_(machinery),
      record_(std::move(record)),
      next_worker_id_(std::move(next_worker_id)),
      extensions_(machinery, record_.name,
                  {[this](const std::string& file, const std::string& hash) { return runs_other(file, hash); },
                   [this](const std::string& why) { extension_replaced(why); }}) {}

void Pool::configure(const config::PoolConfiguration& configuration, std::shared_ptr<const WorkerSettings> settings) {
    const auto& failure = configuration.failure;
    if (configuration_.failure != failure || settings_ == nullptr) {
        failures_ = FailureWindow(failure.rapid_fail_protection_max_crashes, failure.rapid_fail_protection_interval);
    }
    configuration_ = configuration;
    settings_ = std::move(settings);
    if (const auto folder = extensions_.configure(settings_); !folder.ok()) {
        machinery_.output.problem(fmt::format("pool {}: no copies of extensions are kept: {}", record_.name, folder.error().message));
    }
    store();
}

void Pool::store() { machinery_.guardian.store_state(fmt::format("pool/{}", record_.pool_id), to_state_text(record_)); }

bool Pool::adopt(const WorkerRecord& worker_record, Restored& restored) {
    auto worker = Worker::adopt(machinery_, *this, settings_, worker_record, restored);
    if (worker == nullptr) return false;
    const WorkerPhase phase = worker->phase();
    if (phase == WorkerPhase::Running) current_ = std::max(current_, worker_record.generation);
    record_.generation = std::max(record_.generation, worker_record.generation);
    workers_.push_back(std::move(worker));
    // One that was only starting has served nobody.
    if (phase < WorkerPhase::Running) workers_.back()->end();
    return true;
}

void Pool::settle_adoption() {
    if (record_.state == wire::ServiceState::Stopped) phase_ = PoolPhase::Stopped;
    if (record_.state == wire::ServiceState::Failed) phase_ = PoolPhase::Failed;
    if (record_.state == wire::ServiceState::Started) phase_ = count(current_, true) > 0 ? PoolPhase::Running : PoolPhase::Idle;
    for (auto& worker : workers_) {
        if (worker->phase() == WorkerPhase::Running && (worker->record().generation != current_ || phase_ != PoolPhase::Running)) worker->retire();
    }
    if (phase_ == PoolPhase::Idle && configuration_.start_mode == config::StartMode::AlwaysRunning) feed(PoolEvent::WorkWaits);
}

void Pool::start(Done done) {
    if (record_.state == wire::ServiceState::Started) return done({});
    settle_waiters_.push_back(std::move(done));
    failures_.clear();
    failed_starts_ = 0;
    feed(PoolEvent::StartAsked);
    if (configuration_.start_mode == config::StartMode::AlwaysRunning) feed(PoolEvent::WorkWaits);
}

void Pool::stop(Done done) {
    empty_waiters_.push_back(std::move(done));
    feed(PoolEvent::StopAsked);
    if (workers_.empty()) {
        for (auto& waiter : std::exchange(empty_waiters_, {})) waiter({});
    }
}

void Pool::recycle(bool changed, Done done) {
    if (record_.state != wire::ServiceState::Started) {
        return done(make_error(ErrorKind::Invalid, "pool '{}' is {}", record_.name, public_state(phase_)));
    }
    settle_waiters_.push_back(std::move(done));
    if (configuration_.recycling.disallow_overlapping_rotation) return feed(PoolEvent::RecycleInTurn);
    feed(changed ? PoolEvent::ChangeAccepted : PoolEvent::RecycleAsked);
}

void Pool::work_waits() {
    feed(PoolEvent::WorkWaits);
    // A web garden grows by one worker for each sign that the present ones do not suffice.
    const std::size_t limit = std::max<std::uint32_t>(1, configuration_.process_model.max_processes);
    if (phase_ == PoolPhase::Running && count(current_, false) < limit && !closing_) start_worker(current_);
}

void Pool::shut_down(Done done) {
    closing_ = true;
    answer(make_error(ErrorKind::Closed, "the server ends"));
    end_next();
    for (auto& worker : workers_) worker->retire();
    if (workers_.empty()) return done({});
    empty_waiters_.push_back(std::move(done));
}

void Pool::end_workers() {
    for (auto& worker : workers_) worker->end();
}

void Pool::listener_started(ListenerId id) {
    for (auto& worker : workers_) worker->attach_listener(id);
}

void Pool::listener_gone(ListenerId id) {
    for (auto& worker : workers_) worker->listener_done(id);
}

Worker* Pool::find_worker(std::uint64_t worker_id) const {
    const auto found = std::find_if(workers_.begin(), workers_.end(), [&](const auto& one) { return one->record().worker_id == worker_id; });
    return found == workers_.end() ? nullptr : found->get();
}

Worker* Pool::find_process(pid_t pid) const {
    const auto found = std::find_if(workers_.begin(), workers_.end(),
                                    [&](const auto& one) { return static_cast<pid_t>(one->record().pid) == pid; });
    return found == workers_.end() ? nullptr : found->get();
}

std::size_t Pool::count(std::uint32_t generation, bool only_ready) const {
    return static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [&](const auto& one) {
        if (generation == 0 || one->record().generation != generation || one->leaving()) return false;
        return !only_ready || one->phase() != WorkerPhase::Starting;
    }));
}

// Events that come while an action is carried out wait for their turn.
void Pool::feed(PoolEvent event) {
    events_.push_back(event);
    if (feeding_) return;
    feeding_ = true;
    while (!events_.empty()) {
        const PoolStep step = pool_step(phase_, events_.front());
        events_.pop_front();
        phase_ = step.next;
        for (const PoolAction action : step) perform(action);
    }
    feeding_ = false;
}

void Pool::perform(PoolAction action) {
    switch (action) {
        case PoolAction::StartNext:
            return start_next();
        case PoolAction::EndNext:
            return end_next();
        case PoolAction::PromoteNext:
            return promote_next();
        case PoolAction::ReplaceCurrent: {
            const std::uint32_t old = current_;
            promote_next();
            return retire_generation(old);
        }
        case PoolAction::RetireCurrent:
            return retire_generation(std::exchange(current_, 0));
        case PoolAction::OpenQueue:
            return set_service(wire::ServiceState::Started);
        case PoolAction::CloseQueue:
            return set_service(wire::ServiceState::Stopped);
        case PoolAction::FailQueue:
            return set_service(wire::ServiceState::Failed);
        case PoolAction::AnswerDone:
            return answer({});
        case PoolAction::AnswerFailed:
            return answer(make_error(ErrorKind::System, "no new worker of pool '{}' became ready", record_.name));
    }
}

void Pool::start_next() {
    if (closing_) return;
    // As many as there are now, so that a recycled web garden keeps its size.
    next_size_ = std::max<std::size_t>(1, count(current_, true));
    const auto delay = start_delay(failed_starts_);
    if (delay.count() == 0) return launch_generation();
    start_timer_ = machinery_.loop.after(delay, [this] {
        start_timer_ = 0;
        launch_generation();
    });
}

void Pool::launch_generation() {
    next_ = ++record_.generation;
    store();
    for (std::size_t i = 0; i < next_size_; ++i) start_worker(next_);
}

bool Pool::start_worker(std::uint32_t generation) {
    auto worker = Worker::start(machinery_, *this, settings_, next_worker_id_(), record_.pool_id, generation);
    if (worker.ok()) {
        workers_.push_back(std::move(worker).value());
        return true;
    }
    machinery_.output.problem(fmt::format("a worker of pool {} cannot be started: {}", record_.name, worker.error().message));
    // From the loop, as any other death: the caller is in the middle of something.
    machinery_.loop.after({}, [this, generation] {
        ++failed_starts_;
        count_failure();
        after_death(generation, false);
    });
    return false;
}

void Pool::end_next() {
    if (start_timer_ != 0) machinery_.loop.cancel(std::exchange(start_timer_, 0));
    const std::uint32_t ended = std::exchange(next_, 0);
    for (auto& worker : workers_) {
        if (ended != 0 && worker->record().generation == ended) worker->end();
    }
}

void Pool::promote_next() {
    current_ = std::exchange(next_, 0);
    failed_starts_ = 0;
    for (auto& worker : workers_) {
        if (worker->record().generation == current_) worker->announce();
    }
}

void Pool::retire_generation(std::uint32_t generation) {
    for (auto& worker : workers_) {
        if (generation != 0 && worker->record().generation <= generation && worker->record().generation != current_ &&
            worker->record().generation != next_) {
            worker->retire();
        }
    }
}

void Pool::set_service(wire::ServiceState state) {
    record_.state = state;
    store();
    machinery_.listener.send(wire::SetPoolState{record_.pool_id, state});
}

void Pool::answer(const Result<void>& result) {
    for (auto& waiter : std::exchange(settle_waiters_, {})) waiter(result);
}

void Pool::worker_ready(Worker& worker) {
    const std::uint32_t generation = worker.record().generation;
    if (generation == current_) return worker.announce();
    if (generation != next_) return worker.end();
    // A pool without a worker goes on with the first; one with workers changes over when the whole generation is there.
    const bool complete = count(next_, true) == count(next_, false);
    if (phase_ == PoolPhase::Starting || complete) feed(PoolEvent::NextReady);
}

void Pool::worker_asks(Worker& worker, const wire::RecycleMe& request) {
    if (request.reason != wire::RecycleReason::Idle) {
        machinery_.output.problem(fmt::format("worker {} of pool {} is replaced: {}", worker.record().pid, record_.name, printable(request.text)));
        return recycle(false, [](const Result<void>&) {});
    }
    if (worker.record().generation != current_) return;
    if (count(current_, true) > 1) return worker.retire();
    if (configuration_.start_mode != config::StartMode::AlwaysRunning) feed(PoolEvent::IdleExpired);
}

void Pool::worker_loaded(Worker&, const wire::ExtensionLoaded& report) { extensions_.loaded(report.file, report.hash); }

void Pool::worker_sees_change(Worker&, const std::string& file) { extensions_.changed(file); }

bool Pool::runs_other(const std::string& file, const std::string& hash) const {
    return std::any_of(workers_.begin(), workers_.end(), [&](const auto& worker) {
        if (worker->record().generation != current_ && worker->record().generation != next_) return false;
        return std::any_of(worker->extensions().begin(), worker->extensions().end(),
                           [&](const auto& item) { return item.second.file == file && item.second.hash != hash; });
    });
}

// Like a changed configuration, and with the same switch.
void Pool::extension_replaced(const std::string& why) {
    const bool stays = configuration_.recycling.disallow_rotation_on_config_change;
    machinery_.output.notice(fmt::format("pool {}: {}{}", record_.name, why, stays ? "; not recycled (disallowRotationOnConfigChange)" : ": recycled"));
    if (!stays) recycle(true, [](const Result<void>&) {});
}

void Pool::worker_ended(Worker& worker, const Death& death, bool expected) {
    const std::uint32_t generation = worker.record().generation;
    // One that is killed from outside while it starts is replaced after the shortest wait, however often.
    if (!expected && generation == next_) failed_starts_ = death.own_fault ? failed_starts_ + 1 : std::max(failed_starts_, 1);
    bury(worker);
    if (!expected && death.own_fault) count_failure();
    after_death(generation, expected);
}

void Pool::count_failure() {
    if (machinery_.on_trial) return answer(make_error(ErrorKind::System, "no new worker of pool '{}' became ready", record_.name));
    if (!configuration_.failure.rapid_fail_protection || record_.state != wire::ServiceState::Started || closing_) return;
    if (!failures_.add(FailureWindow::Time::clock::now())) return;
    machinery_.output.problem(fmt::format("pool {} is stopped: {} failures within {} s; 'osmia start pool {}' starts it again", record_.name,
                                          failures_.count(),
                                          std::chrono::duration<double>(configuration_.failure.rapid_fail_protection_interval).count(),
                                          record_.name));
    failures_.clear();
    feed(PoolEvent::TooManyFailures);
}

void Pool::after_death(std::uint32_t generation, bool expected) {
    if (generation == next_ && next_ != 0) {
        if (count(next_, false) == 0) {
            next_ = 0;
            feed(PoolEvent::NextFailed);
        } else if (count(next_, true) == count(next_, false)) {
            feed(PoolEvent::NextReady);
        }
    }
    if (generation == current_ && current_ != 0 && count(current_, false) == 0) {
        current_ = 0;
        feed(PoolEvent::CurrentGone);
        // Whoever was served a moment ago comes back: not waiting for the listener to ask saves them the start.
        if (!expected && phase_ == PoolPhase::Idle && !closing_) feed(PoolEvent::WorkWaits);
    }
    // The replacement is the only generation now: its first ready worker suffices.
    if (phase_ == PoolPhase::Starting && count(next_, true) > 0) feed(PoolEvent::NextReady);
    if (phase_ == PoolPhase::Emptying && workers_.empty()) feed(PoolEvent::CurrentDrained);
    if (workers_.empty()) {
        for (auto& waiter : std::exchange(empty_waiters_, {})) waiter({});
    }
}

// The worker is in the middle of a call to us: it is destroyed from the loop.
void Pool::bury(Worker& worker) {
    const auto found = std::find_if(workers_.begin(), workers_.end(), [&](const auto& one) { return one.get() == &worker; });
    if (found == workers_.end()) return;
    std::shared_ptr<Worker> body = std::move(*found);
    workers_.erase(found);
    machinery_.loop.after({}, [body] {});
}

}  // namespace osmia::supervisor
