// The server's life: opening, adopting, signals, shutting down. Configuration is in server_configuration.cpp, the
// conversation with the listener in server_listener.cpp.
#include "supervisor/server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/files.h"
#include "supervisor/staging.h"
#include "supervisor/state_text.h"

namespace osmia::supervisor {

namespace {

std::uint64_t now_milliseconds() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

// Root in a container may lack what it takes to become somebody else.
bool may_change_identity() {
    if (::geteuid() != 0) return false;
    const auto status = read_file("/proc/self/status", 64 * 1024);
    if (!status.ok()) return true;
    const auto line = status.value().find("\nCapEff:\t");
    if (line == std::string::npos) return true;
    const auto capabilities = std::strtoull(status.value().c_str() + line + 9, nullptr, 16);
    constexpr unsigned long long Needed = (1ULL << 6) | (1ULL << 7) | (1ULL << 0);  // SETGID, SETUID, CHOWN
    return (capabilities & Needed) == Needed;
}

}  // namespace

Server::Server(EventLoop& loop, OperatorOutput& output, state::ServeOptions options)
    : loop_(loop), output_(output), options_(std::move(options)), records_(options_.folders.running()), started_at_(now_milliseconds()) {}

Result<void> Server::open(UniqueFd guardian, Restored restored) {
    open_parts(std::move(guardian));
    records_.add(::getpid());
    // Ids of one supervisor never meet those of another.
    certificates_ = std::make_unique<CertificateTable>((static_cast<std::uint32_t>(restored.starts) << 20) + 1);
    next_worker_id_ = static_cast<std::uint64_t>(restored.starts) << 32;
    OSMIA_TRY_VOID(open_identities());
    auto reading = OSMIA_TRY(first_configuration(restored));
    adopt_records(restored);
    adopt_others(restored);
    begin_trial(restored);
    sockets_->adopt(restored);
    const bool adopted_listener = listeners_->adopt(restored);
    // Whatever ran under this state folder and is not taken over stands in the way of sockets and pools.
    std::set<pid_t> keep = others_->pids();
    for (const auto& [key, text] : restored.state) {
        const auto record = key.starts_with("worker/") ? from_state_text<WorkerRecord>(text) : Result<WorkerRecord>(Error{});
        if (record.ok()) keep.insert(static_cast<pid_t>(record.value().pid));
    }
    for (const pid_t pid : listeners_->pids()) keep.insert(pid);
    records_.end_leftovers(keep);

    addresses_printed_ = restored.state.contains("announced");
    if (const auto found = restored.state.find("started"); found != restored.state.end()) {
        started_at_ = std::strtoull(found->second.c_str(), nullptr, 10);
    }
    guardian_->store_state("started", std::to_string(started_at_));
    const auto accepted = accept(std::move(reading));
    if (!accepted.ok()) return accepted.error();
    adopt_workers(restored);
    control_socket_ = restored.take_fd("control");
    if (!control_socket_) control_socket_ = OSMIA_TRY(ControlServer::open(options_.folders.control_socket()));
    guardian_->store_fd("control", control_socket_);
    if (adopted_listener) {
        send_configuration(all_socket_keys());
    } else {
        listeners_->start();
    }
    for (auto& pool : pools_) pool->settle_adoption();
    continue_upgrade();
    // What nobody took belonged to processes that are not taken over.
    for (const auto& [name, fd] : restored.fds) guardian_->drop_fd(name);
    watch_configuration();
    return {};
}

void Server::open_parts(UniqueFd guardian) {
    GuardianLink::Events events;
    events.signalled = [this](wire::GuardianSignal signal) { on_signal(signal); };
    events.child_exited = [this](pid_t pid, int status) { on_child_exited(pid, status); };
    events.gone = [this] {
        guardian_gone_ = true;
        shut_down(OrphanPatience);
    };
    guardian_ = std::make_unique<GuardianLink>(loop_, std::move(guardian), std::move(events));
    sockets_ = std::make_unique<SocketTable>(*guardian_);
}

Result<void> Server::open_identities() {
    privileged_ = may_change_identity();
    std::optional<Identity> stranger;
    if (privileged_) {
        const auto map = read_file("/proc/self/uid_map", 64 * 1024);
        identities_ = OSMIA_TRY(Identities::load(options_.folders.identities(), first_automatic_uid(map.ok() ? map.value() : "")));
        listener_identity_ = OSMIA_TRY(identities_->automatic("listener"));
        stranger = OSMIA_TRY(identities_->automatic("stranger"));
    }
    const std::string executables = OSMIA_TRY(executable_folder());
    programs_ = OSMIA_TRY(find_programs(executables, options_.folders, stranger));
    Listeners::Events events;
    events.started = [this](ListenerId id) { listener_started(id); };
    events.said = [this](ListenerId id, const wire::ListenerToSupervisor& message) { on_listener(id, message); };
    events.gone = [this](ListenerId id) { listener_gone(id); };
    events.ended = [this] { listeners_ended(); };
    listeners_ = std::make_unique<Listeners>(ListenerSurroundings{loop_, *guardian_, output_, records_, programs_}, listener_identity_,
                                             next_worker_id_, std::move(events));
    crashes_ = std::make_unique<CrashReports>(CrashReports::Surroundings{loop_, output_, programs_, options_.folders.crashes(),
                                                                         [this] { return listeners_->count(); }});
    machinery_ = std::make_unique<Machinery>(
        Machinery{loop_, *guardian_, *listeners_, output_, records_, options_.folders, programs_, *crashes_, on_trial_});
    others_ = std::make_unique<OtherVersion>(*machinery_, [this] {
        if (shutting_down_ && listeners_->count() == 0) pool_ended();
    });
    return {};
}

Result<ConfigurationReading> Server::first_configuration(const Restored& restored) {
    // A supervisor that is started again goes on with what was accepted, whatever the file says by now.
    const bool again = restored.state.contains("accepted");
    auto reading = again ? read_accepted(options_.folders, describe_source(options_)) : read_configuration(options_, privileged_);
    if (!again || !reading.configuration) {
        const std::string findings = text_of(reading.diagnostics);
        if (!findings.empty()) output_.problem(findings.substr(0, findings.size() - 1));
    }
    if (!reading.configuration) return make_error(ErrorKind::Invalid, "the configuration has errors");
    if (again) accepted_at_ = std::strtoull(restored.state.at("accepted").c_str(), nullptr, 10);
    return reading;
}

// A process speaks the version of the supervisor that started it: the upper half of its number says which that was.
void Server::adopt_others(Restored& restored) {
    const std::string ours = std::to_string(wire::ProtocolVersion);
    const auto key = [](std::uint64_t starts) { return fmt::format("protocol/{}", starts); };
    std::set<std::string> in_use{key(restored.starts)};
    others_->take(restored, [&](std::uint64_t id) {
        const auto found = restored.state.find(*in_use.insert(key(id >> 32)).first);
        return found != restored.state.end() && found->second == ours;
    });
    for (const auto& [name, version] : restored.state) {
        if (name.starts_with("protocol/") && !in_use.contains(name)) guardian_->store_state(name, {});
    }
    guardian_->store_state(key(restored.starts), ours);
}

void Server::adopt_records(const Restored& restored) {
    for (const auto& [key, text] : restored.state) {
        if (key.starts_with("pool/")) {
            auto record = from_state_text<PoolRecord>(text);
            if (!record.ok()) continue;
            last_pool_id_ = std::max(last_pool_id_, record.value().pool_id);
            known_pools_[record.value().name] = record.value();
        } else if (key.starts_with("site/")) {
            const auto id = static_cast<std::uint32_t>(std::strtoul(key.c_str() + 5, nullptr, 10));
            site_states_[id] = text == "stopped" ? wire::ServiceState::Stopped : wire::ServiceState::Started;
        }
    }
}

std::set<pid_t> Server::adopt_workers(Restored& restored) {
    std::set<pid_t> adopted;
    std::vector<WorkerRecord> records;
    for (const auto& [key, text] : restored.state) {
        if (!key.starts_with("worker/")) continue;
        const auto record = from_state_text<WorkerRecord>(text);
        if (record.ok()) records.push_back(record.value());
    }
    for (const auto& record : records) {
        const auto pool = std::find_if(pools_.begin(), pools_.end(), [&](const auto& one) { return one->record().pool_id == record.pool_id; });
        if (pool != pools_.end() && (*pool)->adopt(record, restored)) {
            adopted.insert(static_cast<pid_t>(record.pid));
        }
    }
    // A worker of a pool that is gone, or without its descriptors.
    records_.end_leftovers([&] {
        std::set<pid_t> keep = adopted;
        for (const pid_t pid : listeners_->pids()) keep.insert(pid);
        keep.merge(others_->pids());
        return keep;
    }());
    return adopted;
}

void Server::serve_control(ControlServer::Handler handler) {
    control_ = std::make_unique<ControlServer>(loop_, std::move(handler));
    control_->serve(std::move(control_socket_));
}

void Server::on_signal(wire::GuardianSignal signal) {
    switch (signal) {
        case wire::GuardianSignal::Shutdown:
        case wire::GuardianSignal::ShutdownNow:
            return shut_down_as_asked();
        case wire::GuardianSignal::Reload:
            return reload([this](const Outcome& outcome) {
                if (outcome.status == 0) output_.notice(outcome.text);
                if (outcome.status != 0) output_.problem(outcome.text);
            });
        case wire::GuardianSignal::ReopenLogs:
            return listeners_->send(wire::ReopenLogs{});
    }
}

void Server::shut_down_as_asked() {
    std::chrono::milliseconds limit{0};
    for (const auto& pool : pools_) limit = std::max(limit, pool->configuration().process_model.shutdown_time_limit);
    shut_down(limit);
}

void Server::shut_down(std::chrono::milliseconds limit) {
    if (shutting_down_) return;
    stay();
    shutting_down_ = true;
    others_->end();
    if (!guardian_gone_) guardian_->tell_phase(ServerPhase::Stopping);
    listeners_->shut_down(limit);
}

void Server::listeners_ended() {
    for (auto& pool : pools_) pool->shut_down([this](const Result<void>&) { pool_ended(); });
    if (guardian_gone_) {
        loop_.after(OrphanPatience, [this] {
            for (auto& pool : pools_) pool->end_workers();
            for (auto& pool : removed_pools_) pool->end_workers();
        });
    }
    pool_ended();
}

void Server::pool_ended() {
    const auto empty = [](const std::unique_ptr<Pool>& pool) { return pool->empty(); };
    const bool all = std::all_of(pools_.begin(), pools_.end(), empty) && std::all_of(removed_pools_.begin(), removed_pools_.end(), empty);
    if (all && others_->empty()) loop_.after({}, [this] { finish(); });
}

void Server::finish() {
    sockets_->close_all();
    ::unlink(options_.folders.control_socket().c_str());
    records_.remove(::getpid());
    announce_exit(0);
    loop_.stop();
}

void Server::announce_exit(int status) {
    if (guardian_ != nullptr) guardian_->announce_exit(status);
}

void Server::on_child_exited(pid_t pid, int status) {
    listeners_->give_status(pid, status);
    others_->give_status(pid, status);
    for (const auto* list : {&pools_, &removed_pools_}) {
        for (const auto& pool : *list) {
            if (Worker* worker = pool->find_process(pid)) return worker->give_status(status);
        }
    }
}

void Server::watch_configuration() {
    if (options_.source != state::ServeSource::ConfigurationFile || !options_.watch) return;
    configuration_watch_ = std::make_unique<FileWatch>(loop_, options_.path, [this] {
        reload([this](const Outcome& outcome) {
            const std::string text = fmt::format("{} was edited: {}", options_.path, outcome.text);
            if (outcome.status == 0) {
                output_.notice(text);
            } else {
                output_.problem(text);
            }
        });
    });
}

}  // namespace osmia::supervisor
