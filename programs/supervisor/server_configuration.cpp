// Accepting a configuration: what of it concerns pools, and what a change touches.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "config/pool_configuration.h"
#include "supervisor/server.h"
#include "wire/process_start.h"

extern char** environ;

namespace osmia::supervisor {

namespace {

// Where a setting stands in the file is no part of it.
std::string without_positions(std::string text) {
    constexpr std::string_view Begin = "<?osmia-line";
    for (std::size_t at = 0; (at = text.find(Begin, at)) != std::string::npos;) {
        const auto end = text.find("?>", at);
        if (end == std::string::npos) break;
        text.erase(at, end + 2 - at);
    }
    return text;
}

// A privileged server's environment is an administrator's, not for foreign code; a developer's own is what he expects.
std::vector<std::string> inherited_environment(bool privileged) {
    std::vector<std::string> environment;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view text = *one;
        const std::string_view name = text.substr(0, text.find('='));
        constexpr std::string_view Harmless[] = {"PATH", "LANG", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};
        const bool harmless = name.starts_with("LC_") || std::find(std::begin(Harmless), std::end(Harmless), name) != std::end(Harmless);
        const bool ours = name.starts_with("OSMIA_") || name == "TMPDIR" || name == "NOTIFY_SOCKET";
        if (!ours && (harmless || !privileged)) environment.emplace_back(text);
    }
    return environment;
}

void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
    std::erase_if(environment, [&](const std::string& one) { return one.starts_with(name + "="); });
    environment.push_back(name + "=" + value);
}

std::uint64_t now_milliseconds() {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

WorkerSettings limits_of_pool(const config::PoolConfiguration& pool) {
    WorkerSettings settings;
    const auto& model = pool.process_model;
    settings.pool = pool.name;
    settings.startup_limit = model.startup_time_limit;
    settings.shutdown_limit = model.shutdown_time_limit;
    settings.idle_timeout = pool.start_mode == config::StartMode::AlwaysRunning ? config::Milliseconds(0) : model.idle_timeout;
    if (model.pinging_enabled) settings.ping_interval = model.ping_interval;
    settings.ping_limit = model.ping_response_time;
    settings.lifetime = pool.recycling.time;
    settings.request_limit = pool.recycling.requests;
    return settings;
}

}  // namespace

Result<std::optional<Identity>> Server::identity_for(const config::PoolConfiguration& pool) {
    using config::IdentityType;
    if (!privileged_) return std::optional<Identity>();
    const auto named = [](Result<Identity> identity) -> Result<std::optional<Identity>> {
        if (!identity.ok()) return identity.error();
        return std::optional<Identity>(identity.value());
    };
    switch (pool.process_model.identity_type) {
        case IdentityType::SpecificUser:
            return named(identity_of_user(pool.process_model.user_name));
        case IdentityType::LocalSystem:
            return std::optional<Identity>(Identity{0, 0});
        case IdentityType::LocalService:
            return named(identities_->automatic("LocalService"));
        case IdentityType::NetworkService:
            return named(identities_->automatic("NetworkService"));
        case IdentityType::ApplicationPoolIdentity:
            break;
    }
    return named(identities_->automatic("pool " + pool.name));
}

Result<void> Server::check_identities(const config::ServerConfiguration& configuration) {
    for (const auto& pool : configuration.pools) {
        const auto identity = identity_for(pool);
        if (!identity.ok()) return make_error(identity.error().kind, "pool {}: {}", pool.name, identity.error().message);
    }
    return {};
}

Result<void> Server::check_reach(const config::ServerConfiguration& configuration) {
    std::set<std::string> told;
    for (const auto& site : configuration.sites) {
        for (const auto& application : site.applications) {
            const auto* pool = configuration.find_pool(application.application_pool);
            const auto identity = pool != nullptr ? identity_for(*pool) : Result<std::optional<Identity>>(std::optional<Identity>());
            const Identity self{::geteuid(), ::getegid()};
            for (const auto& directory : application.virtual_directories) {
                const auto denial = find_denial(directory.physical_path, identity.ok() ? identity.value().value_or(self) : self);
                if (!denial || !told.insert(denial->message).second) continue;
                const std::string text = fmt::format("{} cannot be served: {}", directory.physical_path, denial->message);
                if (options_.source != state::ServeSource::ConfigurationFile) return make_error(ErrorKind::Denied, "{}", text);
                output_.problem(text);
            }
        }
    }
    if (options_.source != state::ServeSource::Extension || configuration.pools.empty()) return {};
    const auto identity = OSMIA_TRY(identity_for(configuration.pools.front()));
    const auto denial = find_denial(options_.path, identity.value_or(Identity{::geteuid(), ::getegid()}));
    if (denial) return make_error(ErrorKind::Denied, "{} cannot be loaded: {}", options_.path, denial->message);
    return {};
}

Result<void> Server::make_data_folders(const config::ServerConfiguration& configuration, const std::string& pool,
                                       const std::optional<Identity>& identity, std::vector<std::string>& environment) {
    const std::string data = options_.folders.data();
    std::vector<std::string> folders;
    for (const auto& site : configuration.sites) {
        for (const auto& application : site.applications) {
            if (configuration.find_pool(application.application_pool) != configuration.find_pool(pool)) continue;
            OSMIA_TRY_VOID(make_directories(data + "/" + wire::data_folder_name(site.name), 0711));
            folders.push_back(wire::application_data_folder(data, site.name, application.path));
            OSMIA_TRY_VOID(make_directories(folders.back(), 0700));
            if (identity && ::lchown(folders.back().c_str(), identity->uid, identity->gid) != 0) return errno_error(folders.back());
        }
    }
    set_variable(environment, "OSMIA_DATA", data);
    if (folders.size() == 1) set_variable(environment, "OSMIA_APPLICATION_DATA", folders.front());
    if (folders.size() == 1 && identity) set_variable(environment, "HOME", folders.front());
    return {};
}

Result<std::shared_ptr<const WorkerSettings>> Server::settings_for(const config::ServerConfiguration& configuration,
                                                                   const config::PoolConfiguration& pool, std::uint32_t pool_id) {
    WorkerSettings settings = limits_of_pool(pool);
    settings.identity = OSMIA_TRY(identity_for(pool));
    settings.environment = inherited_environment(privileged_);
    OSMIA_TRY_VOID(make_data_folders(configuration, pool.name, settings.identity, settings.environment));
    set_variable(settings.environment, "OSMIA_CONTROL_FD", std::to_string(wire::ControlDescriptor));
    set_variable(settings.environment, "OSMIA_POOL", pool.name);
    for (const auto& variable : pool.environment_variables) set_variable(settings.environment, variable.name, variable.value);

    settings.extension_store = extension_folder(options_.folders, pool.name);
    settings.configuration_file = fmt::format("{}/{}.config", options_.folders.pools(), pool_id);
    const std::string text = OSMIA_TRY(config::write_pool_configuration(configuration, pool.name));
    OSMIA_TRY_VOID(replace_file(settings.configuration_file, text, 0400));
    if (settings.identity && ::chown(settings.configuration_file.c_str(), settings.identity->uid, settings.identity->gid) != 0) {
        return errno_error(settings.configuration_file);
    }
    pool_texts_[pool.name] = without_positions(text);
    return std::shared_ptr<const WorkerSettings>(std::make_shared<WorkerSettings>(std::move(settings)));
}

Result<void> Server::apply_pool(const config::ServerConfiguration& configuration, const config::PoolConfiguration& pool, PoolChange& change) {
    const std::string old_text = std::exchange(pool_texts_[pool.name], {});
    if (Pool* known = find_pool(pool.name)) {
        const bool same_pool = known->configuration() == pool;
        const auto settings = OSMIA_TRY(settings_for(configuration, pool, known->record().pool_id));
        known->configure(pool, settings);
        if (!same_pool || old_text != pool_texts_[pool.name]) change.changed.push_back(pool.name);
        return {};
    }
    PoolRecord record;
    if (const auto found = known_pools_.find(pool.name); found != known_pools_.end()) {
        record = found->second;
    } else {
        record.pool_id = ++last_pool_id_;
        record.name = pool.name;
        record.state = pool.auto_start ? wire::ServiceState::Started : wire::ServiceState::Stopped;
    }
    const auto settings = OSMIA_TRY(settings_for(configuration, pool, record.pool_id));
    auto made = std::make_unique<Pool>(*machinery_, record, [this] { return ++next_worker_id_; });
    made->configure(pool, settings);
    pools_.push_back(std::move(made));
    change.added.push_back(pool.name);
    return {};
}

void Server::remove_pools(const config::ServerConfiguration& configuration, PoolChange& change) {
    for (auto it = pools_.begin(); it != pools_.end();) {
        if (configuration.find_pool((*it)->record().name) != nullptr) {
            ++it;
            continue;
        }
        Pool* const pool = it->get();
        change.removed.push_back(pool->record().name);
        guardian_->store_state(fmt::format("pool/{}", pool->record().pool_id), {});
        pool_texts_.erase(pool->record().name);
        removed_pools_.push_back(std::move(*it));
        it = pools_.erase(it);
        pool->shut_down([this, pool](const Result<void>&) {
            loop_.after({}, [this, pool] { std::erase_if(removed_pools_, [&](const auto& one) { return one.get() == pool; }); });
        });
    }
}

Result<Server::PoolChange> Server::apply_pools(const config::ServerConfiguration& configuration) {
    PoolChange change;
    for (const auto& pool : configuration.pools) OSMIA_TRY_VOID(apply_pool(configuration, pool, change));
    return change;
}

Result<Server::Accepted> Server::accept(ConfigurationReading reading) {
    const config::ServerConfiguration& configuration = *reading.configuration;
    OSMIA_TRY_VOID(check_identities(configuration));
    OSMIA_TRY_VOID(check_reach(configuration));
    ListenPlan plan = plan_listening(configuration.sites);
    Accepted accepted;
    accepted.sockets = OSMIA_TRY(sockets_->apply(plan));
    accepted.pools = OSMIA_TRY(apply_pools(configuration));
    OSMIA_TRY_VOID(keep_accepted(options_.folders, reading));
    plan_ = std::move(plan);
    for (const auto& site : configuration.sites) {
        if (!site_states_.contains(site.id)) {
            site_states_[site.id] = site.server_auto_start ? wire::ServiceState::Started : wire::ServiceState::Stopped;
        }
    }
    if (accepted_at_ == 0 || !accepted_.source.empty()) accepted_at_ = now_milliseconds();
    guardian_->store_state("accepted", std::to_string(accepted_at_));
    remove_pools(configuration, accepted.pools);
    accepted_ = std::move(*reading.configuration);
    if (accepted_.source.empty()) accepted_.source = reading.source;
    certificates_->configure(accepted_);
    return accepted;
}

void Server::reload(Done done) {
    if (shutting_down_) return done({1, "the server ends"});
    if (configuration_watch_) configuration_watch_->settle();
    guardian_->tell_phase(ServerPhase::Reloading);
    done = [this, tell = std::move(done)](const Outcome& outcome) {
        if (!shutting_down_) guardian_->tell_phase(ServerPhase::Ready);
        tell(outcome);
    };
    ConfigurationReading reading = read_configuration(options_, privileged_);
    const std::string findings = text_of(reading.diagnostics);
    const auto refuse = [&](const std::string& why) {
        configuration_problem_ = findings + why;
        done({1, configuration_problem_});
    };
    if (!reading.configuration) return refuse("the configuration has errors: the last accepted one stays in force");
    const config::ServerConfiguration before = accepted_;
    auto accepted = accept(std::move(reading));
    if (!accepted.ok()) return refuse(accepted.error().message + ": the last accepted configuration stays in force");
    configuration_problem_.clear();
    send_configuration(accepted.value().sockets.opened);
    const bool logs_changed = std::any_of(accepted_.sites.begin(), accepted_.sites.end(), [&](const auto& site) {
        const auto* old = before.find_site(site.id);
        return old != nullptr && !(old->log_file == site.log_file);
    });
    if (logs_changed) listeners_->send(wire::ReopenLogs{});
    for (const auto id : accepted.value().sockets.closed) listeners_->send(wire::CloseListenSocket{id});
    for (const auto& name : accepted.value().pools.added) find_pool(name)->settle_adoption();

    std::string text = findings;
    const auto add = [&text](const std::string& line) { text += line + "\n"; };
    for (const auto& name : accepted.value().pools.added) add(fmt::format("pool {}: added", name));
    for (const auto& name : accepted.value().pools.removed) add(fmt::format("pool {}: removed", name));
    for (const auto& site : accepted_.sites) {
        const auto* old = before.find_site(site.id);
        if (old == nullptr) add(fmt::format("site {}: added", site.name));
        if (old != nullptr && !(*old == site)) add(fmt::format("site {}: changed", site.name));
    }
    for (const auto& site : before.sites) {
        if (accepted_.find_site(site.id) == nullptr) add(fmt::format("site {}: removed", site.name));
    }
    for (const auto& name : accepted.value().pools.changed) {
        const bool stays = find_pool(name)->configuration().recycling.disallow_rotation_on_config_change;
        add(fmt::format("pool {}: changed{}", name, stays ? ", not recycled (disallowRotationOnConfigChange)" : ", recycled"));
    }
    if (text == findings) add("nothing has changed");
    text.pop_back();
    recycle_changed(accepted.value(), false, [done, text](Outcome outcome) {
        outcome.text = outcome.text.empty() ? text : text + "\n" + outcome.text;
        done(outcome);
    });
}

// Calls done once every changed pool has its new workers.
void Server::recycle_changed(const Accepted& accepted, bool also_unwilling, Done done) {
    struct Progress {
        std::size_t waiting = 1;
        Outcome outcome;
    };
    const auto progress = std::make_shared<Progress>();  // last owner: the last pool's answer
    const auto step = [progress, done](const Result<void>& result) {
        if (!result.ok()) progress->outcome = {1, result.error().message};
        if (--progress->waiting == 0) done(progress->outcome);
    };
    for (const auto& name : accepted.pools.changed) {
        Pool* const pool = find_pool(name);
        if (!also_unwilling && pool->configuration().recycling.disallow_rotation_on_config_change) continue;
        if (pool->record().state != wire::ServiceState::Started) continue;
        ++progress->waiting;
        pool->recycle(true, step);
    }
    step({});
}

}  // namespace osmia::supervisor
