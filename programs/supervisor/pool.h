/// \file
/// One application pool: carries out what the table of pool_state.h says.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/server_configuration.h"
#include "supervisor/extension_keeper.h"
#include "supervisor/failure_window.h"
#include "supervisor/pool_state.h"
#include "supervisor/worker.h"

namespace osmia::supervisor {

/// What another supervisor needs to go on with a pool.
struct PoolRecord {
    std::uint32_t pool_id = 0;
    std::string name;
    wire::ServiceState state = wire::ServiceState::Started;
    std::uint32_t generation = 0;
    void fields(auto& archive) { archive(pool_id); archive(name); archive(state); archive(generation); }
};

/// Owns its workers. One thread, the loop's.
class Pool : public WorkerOwner {
public:
    /// \a done tells how a wait ended; the text says why it failed.
    using Done = std::function<void(Result<void> result)>;
    /// Gives each worker of all pools its id.
    using NextWorkerId = std::function<std::uint64_t()>;

    Pool(Machinery& machinery, PoolRecord record, NextWorkerId next_worker_id);

    /// New settings count from the next generation on.
    void configure(const config::PoolConfiguration& configuration, std::shared_ptr<const WorkerSettings> settings);
    /// Takes over a worker of the supervisor before; false when it cannot, and then nobody holds it.
    bool adopt(const WorkerRecord& record, Restored& restored);
    /// After every adoption: the phase follows from what was found.
    void settle_adoption();

    void start(Done done);
    void stop(Done done);
    /// \a changed: the configuration or the code is new, so a generation that is just starting will not do.
    void recycle(bool changed, Done done);
    void work_waits();
    /// Ends for good: every worker drains, none is started any more. \a done may destroy the pool from the loop.
    void shut_down(Done done);
    /// Kills what is left.
    void end_workers();
    void listener_started(ListenerId id);
    void listener_gone(ListenerId id);

    Worker* find_worker(std::uint64_t worker_id) const;
    Worker* find_process(pid_t pid) const;
    const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
    const PoolRecord& record() const { return record_; }
    const config::PoolConfiguration& configuration() const { return configuration_; }
    PoolPhase phase() const { return phase_; }
    bool empty() const { return workers_.empty(); }

    void worker_ready(Worker& worker) override;
    void worker_asks(Worker& worker, const wire::RecycleMe& request) override;
    void worker_loaded(Worker& worker, const wire::ExtensionLoaded& report) override;
    void worker_sees_change(Worker& worker, const std::string& file) override;
    void worker_ended(Worker& worker, const Death& death, bool expected) override;

private:
    void feed(PoolEvent event);
    void perform(PoolAction action);
    void start_next();
    void launch_generation();
    bool start_worker(std::uint32_t generation);
    void end_next();
    void promote_next();
    void retire_generation(std::uint32_t generation);
    void set_service(wire::ServiceState state);
    void answer(const Result<void>& result);
    void count_failure();
    void after_death(std::uint32_t generation, bool expected);
    void bury(Worker& worker);
    bool runs_other(const std::string& file, const std::string& hash) const;
    void extension_replaced(const std::string& why);
    void store();
    std::size_t count(std::uint32_t generation, bool only_ready) const;

    Machinery& machinery_;
    PoolRecord record_;
    NextWorkerId next_worker_id_;
    ExtensionKeeper extensions_;
    config::PoolConfiguration configuration_;
    std::shared_ptr<const WorkerSettings> settings_;  // last owner: the youngest worker started with them
    PoolPhase phase_ = PoolPhase::Stopped;
    std::deque<PoolEvent> events_;
    bool feeding_ = false;
    bool closing_ = false;
    std::uint32_t current_ = 0;  // generation that takes requests; 0: none
    std::uint32_t next_ = 0;     // generation being started; 0: none
    std::size_t next_size_ = 1;
    FailureWindow failures_;
    int failed_starts_ = 0;
    EventLoop::TimerId start_timer_ = 0;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Done> settle_waiters_;
    std::vector<Done> empty_waiters_;
};

}  // namespace osmia::supervisor
