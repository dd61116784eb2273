// The conversation with the listener, and commands on pools and sites.
#include <unistd.h>

#include <algorithm>

#include "config/url_mapping.h"
#include "supervisor/server.h"

namespace osmia::supervisor {

// The workers first: a listener that has applied its snapshot has everything it needs.
void Server::listener_started(ListenerId id) {
    for (auto& pool : pools_) pool->listener_started(id);
    for (auto& pool : removed_pools_) pool->listener_started(id);
    // Beside a listener of another version it takes no connection before the workers are ready.
    const bool waits = on_trial_ && !others_->empty();
    send_configuration(waits ? std::vector<std::string>() : all_socket_keys());
}

void Server::listener_gone(ListenerId id) {
    for (auto& pool : pools_) pool->listener_gone(id);
    for (auto& pool : removed_pools_) pool->listener_gone(id);
}

void Server::replace_listener(Done done) {
    listeners_->replace([done](const Result<void>& result) { done(result.ok() ? Outcome{} : Outcome{1, result.error().message}); });
}

std::vector<std::string> Server::all_socket_keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, socket] : sockets_->sockets()) keys.push_back(key);
    return keys;
}

// The sockets last: who is accepted finds his site. One that a listener has already is no harm, a replaced one takes none.
void Server::send_configuration(const std::vector<std::string>& socket_keys) {
    listeners_->send(limits_of(accepted_));
    send_snapshot();
    for (const auto& key : socket_keys) {
        const auto* socket = sockets_->find(key);
        if (socket == nullptr) continue;
        const int fd = socket->fd.get();
        listeners_->send(wire::ListenSocket{socket->id, socket->address}, std::span(&fd, 1));
    }
}

void Server::send_snapshot() {
    SnapshotNames names;
    names.serial = ++snapshot_serial_;
    names.pool_id = [this](const std::string& pool) { return find_pool(pool)->record().pool_id; };
    names.pool_state = [this](const std::string& pool) { return find_pool(pool)->record().state; };
    names.site_state = [this](std::uint32_t id) { return site_state(id); };
    names.application_id = [this](std::uint32_t id, const std::string& path) { return application_id(id, path); };
    names.socket_id = [this](const std::string& key) {
        const auto* socket = sockets_->find(key);
        return socket == nullptr ? 0 : socket->id;
    };
    names.certificate_id = [this](const std::string& binding) { return certificates_->id_of(binding); };
    names.port = [this](const config::Binding& binding) { return port_behind(binding); };
    for (const auto& message : build_snapshot(accepted_, plan_, names)) {
        listeners_->send(message);
        if (std::holds_alternative<wire::BeginSnapshot>(message)) send_certificates();
    }
    watch_certificates();
}

std::uint16_t Server::port_behind(const config::Binding& binding) const {
    config::SiteConfiguration one;
    one.bindings = {binding};
    const auto plan = plan_listening({one});
    const auto* socket = plan.sockets.empty() ? nullptr : sockets_->find(plan.sockets.front().key);
    return socket == nullptr ? binding.port : socket->port;
}

std::uint32_t Server::application_id(std::uint32_t site_id, const std::string& path) {
    const auto id = static_cast<std::uint32_t>(application_ids_.size() + 1);
    return application_ids_.try_emplace({site_id, path}, id).first->second;
}

void Server::on_listener(ListenerId id, const wire::ListenerToSupervisor& message) {
    if (const auto* work = std::get_if<wire::PoolHasWork>(&message)) {
        for (auto& pool : pools_) {
            if (pool->record().pool_id == work->pool_id) pool->work_waits();
        }
    } else if (const auto* stuck = std::get_if<wire::WorkerStuck>(&message)) {
        if (Worker* worker = find_worker(stuck->worker_id)) worker->fail(stuck->reason);
    } else if (const auto* broken = std::get_if<wire::ChannelBroken>(&message)) {
        if (Worker* worker = find_worker(broken->worker_id)) worker->fail("its channel: " + broken->reason);
    } else if (const auto* drained = std::get_if<wire::WorkerDrained>(&message)) {
        if (Worker* worker = find_worker(drained->worker_id)) worker->listener_done(id);
    } else if (std::holds_alternative<wire::SnapshotApplied>(message)) {
        if (!std::exchange(told_ready_, true)) guardian_->tell_phase(ServerPhase::Ready);
        print_addresses();
    } else if (const auto* dead = std::get_if<wire::DeadWorkerRequests>(&message)) {
        crashes_->add(*dead);
    } else if (const auto* requests = std::get_if<wire::RequestList>(&message)) {
        on_listener(*requests);
    } else if (const auto* certificates = std::get_if<wire::CertificateList>(&message)) {
        on_listener(*certificates);
    } else if (const auto* counters = std::get_if<wire::ListenerCounters>(&message)) {
        on_listener(*counters);
    } else if (const auto* wanted = std::get_if<wire::LogWanted>(&message)) {
        on_listener(id, *wanted);
    } else if (const auto* lost = std::get_if<wire::LogLinesLost>(&message)) {
        on_listener(*lost);
    }
}

Worker* Server::find_worker(std::uint64_t worker_id) const {
    for (const auto* list : {&pools_, &removed_pools_}) {
        for (const auto& pool : *list) {
            if (Worker* worker = pool->find_worker(worker_id)) return worker;
        }
    }
    return nullptr;
}

void Server::print_addresses() {
    if (std::exchange(addresses_printed_, true)) return;
    guardian_->store_state("announced", "yes");
    if (!privileged_) {
        output_.notice("Every process runs as one user: workers are protected against each other's faults, not against malice (osmia(1), USER NAMESPACES)");
    }
    if (accepted_.sites.size() > MaxPrintedSites) {
        return output_.notice(fmt::format("Listening: {} sites on {} sockets", accepted_.sites.size(), sockets_->sockets().size()));
    }
    for (const auto& site : accepted_.sites) {
        std::string urls;
        for (const auto& binding : site.bindings) {
            urls += (urls.empty() ? "" : ", ") + url_of(binding, port_behind(binding));
        }
        if (!urls.empty()) output_.notice(fmt::format("Listening on {} ({})", urls, site.name));
    }
}

const Pool* Server::find_pool(std::uint32_t pool_id) const {
    const auto found = std::find_if(pools_.begin(), pools_.end(), [&](const auto& one) { return one->record().pool_id == pool_id; });
    return found == pools_.end() ? nullptr : found->get();
}

Pool* Server::find_pool(const std::string& name) const {
    const auto found = std::find_if(pools_.begin(), pools_.end(),
                                    [&](const auto& one) { return config::equals_ignoring_case(one->record().name, name); });
    return found == pools_.end() ? nullptr : found->get();
}

wire::ServiceState Server::site_state(std::uint32_t site_id) const {
    const auto found = site_states_.find(site_id);
    return found == site_states_.end() ? wire::ServiceState::Started : found->second;
}

void Server::change_pool(const std::string& verb, const std::string& name, Done done) {
    Pool* const pool = find_pool(name);
    if (pool == nullptr) return done({4, fmt::format("no pool '{}'", name)});
    const auto told = [done](const Result<void>& result) { done(result.ok() ? Outcome{} : Outcome{1, result.error().message}); };
    if (verb == "start") return pool->start(told);
    if (verb == "stop") return pool->stop(told);
    pool->recycle(false, told);
}

Server::Outcome Server::change_site(const std::string& verb, const std::string& name) {
    const auto* site = accepted_.find_site(name);
    if (site == nullptr) return {4, fmt::format("no site '{}'", name)};
    const bool start = verb == "start";
    site_states_[site->id] = start ? wire::ServiceState::Started : wire::ServiceState::Stopped;
    guardian_->store_state(fmt::format("site/{}", site->id), start ? "started" : "stopped");
    listeners_->send(wire::SetSiteState{site->id, site_states_[site->id]});
    return {};
}

bool Server::is_worker_descendant(pid_t pid) const {
    // A session is inherited by every descendant that does not make its own.
    const pid_t session = ::getsid(pid);
    for (const auto& pool : pools_) {
        if (pool->find_process(pid) != nullptr || (session > 0 && pool->find_process(session) != nullptr)) return true;
    }
    return false;
}

void Server::query_counters(std::function<void(const wire::ListenerCounters&)> done) {
    if (listeners_->count() == 0) return done({});
    const std::uint64_t token = ++next_token_;
    const auto timer = loop_.after(ListenerAnswerWait, [this, token] {
        auto node = counter_queries_.extract(token);
        if (!node.empty()) node.mapped().done(node.mapped().sum);
    });
    counter_queries_[token] = {listeners_->count(), {}, std::move(done), timer};
    listeners_->send(wire::QueryCounters{token});
}

void Server::query_workers(std::function<void()> done) {
    for (const auto& pool : pools_) {
        for (const auto& worker : pool->workers()) worker->ask_for_counters();
    }
    await_pongs(EventLoop::Clock::now() + WorkerAnswerWait, std::move(done));
}

void Server::await_pongs(EventLoop::Clock::time_point limit, std::function<void()> done) {
    constexpr std::chrono::milliseconds LookAgain{2};
    const bool all = std::none_of(pools_.begin(), pools_.end(), [](const auto& pool) {
        return std::any_of(pool->workers().begin(), pool->workers().end(), [](const auto& worker) { return worker->awaits_pong(); });
    });
    if (all || EventLoop::Clock::now() >= limit) return done();
    loop_.after(LookAgain, [this, limit, done = std::move(done)] { await_pongs(limit, done); });
}

void Server::query_requests(std::function<void(const std::vector<wire::ListedRequest>&)> done) {
    if (listeners_->count() == 0) return done({});
    const std::uint64_t token = ++next_token_;
    const auto timer = loop_.after(ListenerAnswerWait, [this, token] {
        auto node = request_queries_.extract(token);
        if (!node.empty()) node.mapped().done(node.mapped().sum);
    });
    request_queries_[token] = {listeners_->count(), {}, std::move(done), timer};
    listeners_->send(wire::ListRequests{token});
}

void Server::on_listener(const wire::ListenerCounters& message) {
    const auto found = counter_queries_.find(message.token);
    if (found == counter_queries_.end()) return;
    auto& sum = found->second.sum;
    if (message.last) {
        sum.connections += message.connections;
        sum.requests += message.requests;
        sum.lost_log_lines += message.lost_log_lines;
        sum.rejected.insert(sum.rejected.end(), message.rejected.begin(), message.rejected.end());
    }
    sum.sites.insert(sum.sites.end(), message.sites.begin(), message.sites.end());
    sum.pools.insert(sum.pools.end(), message.pools.begin(), message.pools.end());
    sum.workers.insert(sum.workers.end(), message.workers.begin(), message.workers.end());
    for (const auto& one : message.workers) {
        if (Worker* worker = find_worker(one.worker_id)) worker->note_requests(one.requests);
    }
    if (!message.last || --found->second.waiting > 0) return;
    auto node = counter_queries_.extract(found);
    loop_.cancel(node.mapped().timer);
    node.mapped().done(node.mapped().sum);
}

void Server::on_listener(const wire::RequestList& message) {
    const auto found = request_queries_.find(message.token);
    if (found == request_queries_.end()) return;
    auto& sum = found->second.sum;
    constexpr std::size_t MaxListedRequests = 100'000;
    if (sum.size() < MaxListedRequests) sum.insert(sum.end(), message.requests.begin(), message.requests.end());
    if (!message.last || --found->second.waiting > 0) return;
    auto node = request_queries_.extract(found);
    loop_.cancel(node.mapped().timer);
    node.mapped().done(node.mapped().sum);
}

}  // namespace osmia::supervisor
