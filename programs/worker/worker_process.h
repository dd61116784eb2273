/// \file
/// WorkerProcess: the worker as the supervisor knows it: starts, takes requests, answers pings, drains, ends.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "wire/supervisor_to_worker.h"
#include "wire/worker_to_supervisor.h"
#include "worker/channel.h"
#include "worker/execution_watch.h"
#include "worker/thread_factory.h"
#include "worker/thread_pool.h"
#include "worker/worker_core.h"

namespace osmia::worker {

/// Owns everything of one worker. run() is for the main thread; the rest of the members serve other threads.
class WorkerProcess final : private ChannelClient {
public:
    /// \a control is the socket to the supervisor.
    WorkerProcess(UniqueFd control, ThreadFactory& threads);
    ~WorkerProcess() override;

    /// Until the worker has drained. The exit status: 0, or 1 when the start failed.
    int run();

private:
    // ChannelClient
    void execute(std::unique_ptr<RequestSession> session) override;
    void post(std::function<void()> work) override;
    void on_starved(Channel& channel) override;
    void on_connection_closed(Channel& channel, std::uint64_t connection_id) override;
    void on_tick() override;
    std::chrono::nanoseconds tick_interval() override;

    void on_control();
    void on(const wire::StartWorker& message, const std::vector<UniqueFd>& fds);
    void on(const wire::DrainWorker& message);
    void on(const wire::Ping& message);
    void attach(UniqueFd socket);
    Result<void> start(const wire::StartWorker& message);
    Result<void> load_modules(const config::ServerConfiguration& configuration, const std::string& folder);
    void drain();
    void finish_if_idle();
    void check_idle();
    void every_second();
    ExecutionWatch::Clock::time_point next_tick() const;
    void wake_channel_thread(ExecutionWatch::Clock::time_point at_the_latest);
    void on_wake();
    void wake_main_thread();
    bool is_quiet() const;
    void send(const wire::WorkerToSupervisor& message);
    void report_extension(const OSMIA_EXTENSION_REPORT& report);
    void request_done();

    UniqueFd control_;
    UniqueFd wake_event_;  ///< written when the last request ends during a drain, and when idleness ends
    EventLoop loop_;
    ThreadPool pool_;
    ExecutionWatch watch_;
    std::unique_ptr<ConfiguredSites> sites_;
    std::unique_ptr<WorkerCore> core_;
    std::vector<std::shared_ptr<Channel>> channels_;  ///< the main thread's
    std::mutex newest_mutex_;
    std::shared_ptr<Channel> newest_;             ///< for other threads
    std::atomic<std::int64_t> sleeps_until_ = 0;  ///< the channel thread, in ticks of the steady clock
    std::string pool_name_;
    ThreadFactory& threads_;
    int exit_status_ = 0;

    std::atomic<bool> draining_ = false;
    std::atomic<std::uint32_t> active_ = 0;
    std::atomic<std::uint64_t> requests_ = 0;
    std::atomic<std::uint64_t> begun_at_last_tick_ = 0;

    std::chrono::milliseconds idle_timeout_{0};
    std::uint64_t requests_at_last_check_ = 0;
    std::atomic<bool> sleeps_ = false;  ///< the main thread has no second timer: nothing happens
    std::chrono::steady_clock::time_point idle_since_;
    bool idle_reported_ = false;
};

}  // namespace osmia::worker
