/// \file
/// One worker process, from its start to its death.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/message_channel.h"
#include "supervisor/identities.h"
#include "supervisor/machinery.h"
#include "supervisor/output_lines.h"
#include "supervisor/process_watch.h"
#include "supervisor/worker_death.h"
#include "wire/supervisor_to_worker.h"
#include "wire/worker_to_supervisor.h"

namespace osmia::supervisor {

/// What one worker may report; a worker that reports more is not believed.
inline constexpr std::size_t MaxExtensionsPerWorker = 1024;
inline constexpr std::size_t MaxModulesPerWorker = 256;
/// A reported text is cut at this many bytes.
inline constexpr std::size_t MaxReportedText = 4096;
/// A worker that says more than this in one second is unhealthy.
inline constexpr std::uint32_t MaxWorkerMessagesPerSecond = 2000;
/// A worker that lets this much wait in its control socket is unhealthy.
inline constexpr std::size_t MaxWorkerBacklog = 1 << 20;

/// What all workers of a pool's generation are started with. Immutable.
struct WorkerSettings {
    std::string pool;
    std::optional<Identity> identity;  ///< nothing: the supervisor's own
    std::string configuration_file;
    std::string extension_store;       ///< the pool's folder of copies
    std::vector<std::string> environment;
    std::chrono::milliseconds startup_limit{90'000};
    std::chrono::milliseconds shutdown_limit{90'000};
    std::chrono::milliseconds idle_timeout{0};   ///< 0: never
    std::chrono::milliseconds ping_interval{0};  ///< 0: no pings
    std::chrono::milliseconds ping_limit{90'000};
    std::chrono::milliseconds lifetime{0};       ///< periodicRestart/@time; 0: unlimited
    std::uint64_t request_limit = 0;             ///< periodicRestart/@requests; 0: unlimited
};

enum class WorkerPhase : std::uint8_t {
    Starting,  ///< has not said Ready
    Ready,     ///< could take requests; the pool has not announced it to the listener
    Running,   ///< the listener gives it requests
    Retiring,  ///< the listener finishes what the worker has
    Draining,  ///< the worker was told to end
    Ending,    ///< killed
    Dead,
    Last = Dead,
};

/// The word of the command line: starting, running, draining or dead.
std::string_view public_state(WorkerPhase phase);

/// What another supervisor needs to adopt a worker.
struct WorkerRecord {
    std::uint64_t worker_id = 0;
    std::uint32_t pool_id = 0;
    std::uint32_t generation = 0;
    std::uint32_t pid = 0;
    std::uint64_t started_at = 0;  ///< milliseconds since the epoch
    WorkerPhase phase = WorkerPhase::Starting;
    std::string crash_report;  ///< what its crash report will be called
    void fields(auto& archive) {
        archive(worker_id); archive(pool_id); archive(generation); archive(pid); archive(started_at); archive(phase); archive(crash_report);
    }
};

/// What a worker has reported, for another supervisor.
struct WorkerReport {
    std::vector<wire::ExtensionLoaded> extensions;
    std::vector<wire::ModuleLoaded> modules;
    void fields(auto& archive) { archive(extensions); archive(modules); }
};

class Worker;

/// Whom a worker tells. Called from the loop; may not destroy the worker within the call.
class WorkerOwner {
public:
    virtual ~WorkerOwner() = default;
    virtual void worker_ready(Worker& worker) = 0;
    virtual void worker_asks(Worker& worker, const wire::RecycleMe& request) = 0;
    /// It is dead; \a expected when the supervisor asked it to end.
    virtual void worker_loaded(Worker& worker, const wire::ExtensionLoaded& report) = 0;
    virtual void worker_sees_change(Worker& worker, const std::string& file) = 0;
    virtual void worker_ended(Worker& worker, const Death& death, bool expected) = 0;
};

/// One process with its control socket, pidfd, output pipe, timers and temporary folder. Destroying the object does not
/// end the process. Distrusts what the process says: every message is bounded and only about itself.
class Worker {
public:
    static Result<std::unique_ptr<Worker>> start(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings,
                                                 std::uint64_t worker_id, std::uint32_t pool_id, std::uint32_t generation);
    /// Takes over a running worker of the supervisor before; nothing when its descriptors are not complete.
    static std::unique_ptr<Worker> adopt(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings,
                                         const WorkerRecord& record, Restored& restored);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Ready → Running: the listener may give it requests.
    void announce();
    /// A new listener knows nothing of this worker: makes a channel between them.
    void attach_listener(ListenerId id);
    /// The listener has ended, or waits for nothing more of this worker.
    void listener_done(ListenerId id);
    /// Nothing new for it; it finishes and exits within the shutdown limit, or is killed.
    void retire();
    /// It is unhealthy: killed, and its death counts as its own fault.
    void fail(const std::string& reason);
    /// Killed without blame: it has served nobody.
    void end();

    void give_status(int status) { watch_->give_status(status); }
    const WorkerRecord& record() const { return record_; }
    WorkerPhase phase() const { return record_.phase; }
    bool leaving() const { return record_.phase > WorkerPhase::Running; }
    std::uint64_t requests() const { return requests_; }
    void note_requests(std::uint64_t requests) { requests_ = std::max(requests_, requests); }
    /// Pings now, if no ping is under way: the answer comes behind fresh counters.
    void ask_for_counters();
    bool awaits_pong() const { return record_.phase == WorkerPhase::Running && ping_sent_.has_value(); }
    const std::map<std::string, wire::ExtensionLoaded>& extensions() const { return extensions_; }
    const std::map<std::string, wire::ModuleLoaded>& modules() const { return modules_; }
    const std::string& pool() const { return settings_->pool; }

private:
    Worker(Machinery& machinery, WorkerOwner& owner, std::shared_ptr<const WorkerSettings> settings, WorkerRecord record);
    Result<void> launch();
    void take_over(UniqueFd control, UniqueFd output, UniqueFd pidfd);
    void set_phase(WorkerPhase phase);
    Result<void> make_crash_note();
    void forget();
    std::string key(std::string_view part) const;
    std::string temporary_folder() const;

    void on_message(ReceivedMessage raw);
    void on_message(const wire::WorkerReady& message);
    void on_message(const wire::Pong& message);
    void on_message(const wire::RecycleMe& message);
    void on_message(const wire::ExtensionLoaded& message);
    void on_message(const wire::ModuleLoaded& message);
    void on_message(const wire::ExtensionChanged& message);
    void on_message(const wire::WorkerFailed& message);
    void on_channel_closed(const Error& reason);
    void on_ended(std::optional<int> status);
    void store_report();
    void restore_report(const Restored& restored);
    bool floods();
    void say_death(const Death& death, bool expected);
    void report_crash(const Death& death, std::string line);
    void send(const wire::SupervisorToWorker& message, std::span<const int> fds = {});
    void send_channels_to_listeners();
    void retire_within_limit();
    void wait_for_listeners();
    void drain(std::chrono::milliseconds limit);
    void kill();

    void read_output();
    void schedule_ping();
    void ping();
    void ask(wire::RecycleReason reason, const std::string& text);
    void clear_deadline();
    void set_deadline(std::chrono::milliseconds limit, std::function<void()> expired);

    Machinery& machinery_;
    WorkerOwner& owner_;
    std::shared_ptr<const WorkerSettings> settings_;  // last owner: the youngest worker started with them
    WorkerRecord record_;
    std::unique_ptr<MessageChannel> channel_;
    std::unique_ptr<ProcessWatch> watch_;
    UniqueFd output_;
    UniqueFd crash_note_;
    OutputLines lines_;
    std::map<ListenerId, UniqueFd> listener_channels_;  // the listeners' ends, until they are sent
    std::set<ListenerId> awaited_listeners_;            // while it retires: they may still wait for answers
    std::string end_reason_;
    bool blamed_ = false;
    bool could_not_start_ = false;

    EventLoop::TimerId deadline_ = 0;
    EventLoop::TimerId ping_timer_ = 0;
    EventLoop::TimerId lifetime_timer_ = 0;
    std::uint64_t ping_sequence_ = 0;
    std::optional<EventLoop::Clock::time_point> ping_sent_;
    EventLoop::Clock::time_point last_activity_;
    std::uint64_t requests_ = 0;
    bool asked_ = false;
    EventLoop::Clock::time_point message_window_;
    std::uint32_t messages_in_window_ = 0;
    std::map<std::string, wire::ExtensionLoaded> extensions_;
    std::map<std::string, wire::ModuleLoaded> modules_;
};

}  // namespace osmia::supervisor
