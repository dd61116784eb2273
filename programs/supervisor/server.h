/// \file
/// The running server: brings configuration, sockets, listener and pools together.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "state/serve_options.h"
#include "supervisor/certificate_table.h"
#include "supervisor/configuration_source.h"
#include "supervisor/control_server.h"
#include "supervisor/crash_reports.h"
#include "supervisor/file_watch.h"
#include "supervisor/listeners.h"
#include "supervisor/other_version.h"
#include "supervisor/pool.h"
#include "supervisor/snapshot.h"
#include "supervisor/socket_table.h"
#include "supervisor/upgrade_record.h"

namespace osmia::supervisor {

/// More sites than this are printed as a count.
inline constexpr std::size_t MaxPrintedSites = 20;
/// What listener and workers get to finish when the guardian has gone.
inline constexpr std::chrono::seconds OrphanPatience{2};
/// How long a list waits for the listener's numbers.
inline constexpr std::chrono::seconds ListenerAnswerWait{2};
inline constexpr std::chrono::seconds WorkerAnswerWait{1};
/// How often certificate files are looked at for changes. One is used when two looks in a row see the same new file.
inline constexpr std::chrono::seconds CertificateLookInterval{2};
/// A certificate that ends within this time is told of, once a day.
inline constexpr std::chrono::hours CertificateExpiryNotice{30 * 24};

/// Owns everything but the loop and the output. One thread, the loop's.
class Server {
public:
    Server(EventLoop& loop, OperatorOutput& output, state::ServeOptions options);

    /// Takes over or starts everything. An error means that the server cannot start; it is already told.
    Result<void> open(UniqueFd guardian, Restored restored);
    /// Sends the last messages: the guardian learns that this end is meant.
    void announce_exit(int status);

    /// A reload's or a command's outcome, with what an operator wants to know.
    struct Outcome {
        int status = 0;  ///< the exit status of the command
        std::string text;
    };
    using Done = std::function<void(Outcome outcome)>;

    void reload(Done done);
    void shut_down(std::chrono::milliseconds limit);
    /// The same with the longest shutdownTimeLimit of the pools.
    void shut_down_as_asked();
    /// Makes room for the programs in \a folder (empty: where this one comes from); \a done is told when this process is about
    /// to end, or why it goes on. upgrade_record() says how it goes on after that, in the next process.
    void upgrade(const std::string& folder, Done done);
    const UpgradeRecord& upgrade_record() const { return upgrade_; }
    /// Another listener takes the sockets; the present one finishes what it has.
    void replace_listener(Done done);
    void change_pool(const std::string& verb, const std::string& name, Done done);
    Outcome change_site(const std::string& verb, const std::string& name);

    // For the lists.
    const state::ServeOptions& options() const { return options_; }
    const config::ServerConfiguration& configuration() const { return accepted_; }
    const std::vector<std::unique_ptr<Pool>>& pools() const { return pools_; }
    const Pool* find_pool(std::uint32_t pool_id) const;
    Pool* find_pool(const std::string& name) const;
    wire::ServiceState site_state(std::uint32_t site_id) const;
    std::uint64_t started_at() const { return started_at_; }
    /// Why the configuration file is not the one in force: the findings of the last reload that was refused; else empty.
    const std::string& configuration_problem() const { return configuration_problem_; }
    std::uint64_t accepted_at() const { return accepted_at_; }
    pid_t listener_pid() const { return listeners_->pid(); }
    const CrashReports& crashes() const { return *crashes_; }
    const SocketTable& sockets() const { return *sockets_; }
    bool is_worker_descendant(pid_t pid) const;
    /// Asks the listener; \a done is called with whatever came within ListenerAnswerWait.
    void query_counters(std::function<void(const wire::ListenerCounters&)> done);
    /// Asks the workers for fresh counters of their extensions; \a done is called when they have answered, or after
    /// WorkerAnswerWait.
    void query_workers(std::function<void()> done);
    void query_requests(std::function<void(const std::vector<wire::ListedRequest>&)> done);
    void query_certificates(std::function<void(const std::vector<wire::ListedCertificate>&)> done);
    const CertificateTable& certificates() const { return *certificates_; }

    /// Set by main: handles a request line of the control socket.
    void serve_control(ControlServer::Handler handler);

private:
    void await_pongs(EventLoop::Clock::time_point limit, std::function<void()> done);
    /// What a newly accepted configuration changed, by name.
    struct PoolChange {
        std::vector<std::string> added, removed, changed;
    };

    Result<void> open_identities();
    Result<ConfigurationReading> first_configuration(const Restored& restored);
    void open_parts(UniqueFd guardian);
    void on_signal(wire::GuardianSignal signal);
    struct Accepted {
        PoolChange pools;
        SocketTable::Change sockets;
    };
    Result<Accepted> accept(ConfigurationReading reading);
    void recycle_changed(const Accepted& accepted, bool also_unwilling, Done done);
    Result<std::shared_ptr<const WorkerSettings>> settings_for(const config::ServerConfiguration& configuration,
                                                               const config::PoolConfiguration& pool, std::uint32_t pool_id);
    Result<std::optional<Identity>> identity_for(const config::PoolConfiguration& pool);
    Result<void> make_data_folders(const config::ServerConfiguration& configuration, const std::string& pool,
                                   const std::optional<Identity>& identity, std::vector<std::string>& environment);
    Result<void> check_reach(const config::ServerConfiguration& configuration);
    Result<void> check_identities(const config::ServerConfiguration& configuration);
    Result<PoolChange> apply_pools(const config::ServerConfiguration& configuration);
    Result<void> apply_pool(const config::ServerConfiguration& configuration, const config::PoolConfiguration& pool, PoolChange& change);
    void remove_pools(const config::ServerConfiguration& configuration, PoolChange& change);
    void adopt_records(const Restored& restored);
    std::set<pid_t> adopt_workers(Restored& restored);

    void listener_started(ListenerId id);
    void listener_gone(ListenerId id);
    void send_configuration(const std::vector<std::string>& socket_keys);
    std::vector<std::string> all_socket_keys() const;
    void send_snapshot();
    void on_listener(ListenerId id, const wire::ListenerToSupervisor& message);
    void on_listener(const wire::ListenerCounters& message);
    void on_listener(const wire::RequestList& message);
    void on_listener(const wire::CertificateList& message);
    void send_certificates();
    void watch_certificates();
    void tell_certificate(const wire::ListedCertificate& one);
    void on_child_exited(pid_t pid, int status);
    void listeners_ended();
    void pool_ended();
    void adopt_others(Restored& restored);
    void check_programs(const UpgradeRecord& record, std::size_t checked, Done done);
    void make_room(const UpgradeRecord& record, EventLoop::Clock::time_point limit, Done done);
    void note_upgrade(const UpgradeRecord& record);
    void leave_when_told();
    void begin_trial(const Restored& restored);
    void continue_upgrade();
    void take_back_upgrade();
    void replace_everything(Done done);
    void replace_workers(Done done);
    void finish_upgrade(const Outcome& outcome);
    void stay();
    void finish();
    void print_addresses();
    void on_listener(ListenerId id, const wire::LogWanted& message);
    void on_listener(const wire::LogLinesLost& message);
    bool tell_log_trouble(std::uint32_t site_id, const std::string& text);
    std::string log_title(std::uint32_t site_id) const;
    std::uint16_t port_behind(const config::Binding& binding) const;
    void watch_configuration();
    std::uint32_t application_id(std::uint32_t site_id, const std::string& path);
    Worker* find_worker(std::uint64_t worker_id) const;

    EventLoop& loop_;
    OperatorOutput& output_;
    state::ServeOptions options_;
    bool privileged_ = false;
    std::optional<Identities> identities_;
    std::optional<Identity> listener_identity_;
    Programs programs_;
    RunningRecords records_;
    std::unique_ptr<GuardianLink> guardian_;
    std::unique_ptr<Listeners> listeners_;
    std::unique_ptr<SocketTable> sockets_;
    std::unique_ptr<CertificateTable> certificates_;
    EventLoop::TimerId certificate_timer_ = 0;
    std::map<std::string, std::string> told_certificates_;  ///< what was last told of a binding, and on which day
    std::unique_ptr<Machinery> machinery_;
    std::unique_ptr<CrashReports> crashes_;
    std::unique_ptr<OtherVersion> others_;
    std::unique_ptr<ControlServer> control_;
    UniqueFd control_socket_;
    std::unique_ptr<FileWatch> configuration_watch_;
    std::string configuration_problem_;

    config::ServerConfiguration accepted_;
    std::uint64_t accepted_at_ = 0;
    std::uint64_t started_at_ = 0;
    ListenPlan plan_;
    std::vector<std::unique_ptr<Pool>> pools_;
    std::map<std::string, PoolRecord> known_pools_;     // of the supervisor before, by name
    std::vector<std::unique_ptr<Pool>> removed_pools_;  // until their last worker has ended
    std::map<std::string, std::string> pool_texts_;     // what a pool's workers were told, to see what changes
    std::map<std::uint32_t, wire::ServiceState> site_states_;
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> application_ids_;
    std::uint32_t last_pool_id_ = 0;
    std::uint64_t next_worker_id_ = 0;
    std::uint64_t snapshot_serial_ = 0;
    bool addresses_printed_ = false;
    bool told_ready_ = false;  ///< by this supervisor: the one before it may have died while it reloaded
    UpgradeRecord upgrade_;
    bool upgrading_ = false;
    bool on_trial_ = false;  ///< the guardian goes back to the program before unless this one stays
    bool shutting_down_ = false;
    bool guardian_gone_ = false;

    struct LogNotes {
        ListenerId listener = 0;  ///< the last that asked
        EventLoop::Clock::time_point opened;
        std::optional<EventLoop::Clock::time_point> told;  ///< trouble
        std::uint64_t lost = 0;                            ///< lines, since they were told
    };
    std::map<std::uint32_t, LogNotes> log_notes_;  // by site; of configured ones only

    std::uint64_t next_token_ = 0;
    struct CounterQuery {
        std::size_t waiting = 0;
        wire::ListenerCounters sum;
        std::function<void(const wire::ListenerCounters&)> done;
        EventLoop::TimerId timer = 0;
    };
    struct RequestQuery {
        std::size_t waiting = 0;
        std::vector<wire::ListedRequest> sum;
        std::function<void(const std::vector<wire::ListedRequest>&)> done;
        EventLoop::TimerId timer = 0;
    };
    struct CertificateQuery {
        std::vector<wire::ListedCertificate> sum;
        std::function<void(const std::vector<wire::ListedCertificate>&)> done;
        EventLoop::TimerId timer = 0;
    };
    std::map<std::uint64_t, CounterQuery> counter_queries_;
    std::map<std::uint64_t, CertificateQuery> certificate_queries_;
    std::map<std::uint64_t, RequestQuery> request_queries_;
};

}  // namespace osmia::supervisor
