#include "listener/server.h"

namespace osmia::listener {

namespace {

/// Turns of work done without looking at the sockets, before they get their chance again.
constexpr int MaxTurns = 8;
/// Certificates are reported this often without being asked, so that one that grows old is noticed.
constexpr std::int64_t CertificateReportUs = 24LL * 3600 * 1'000'000;

}  // namespace

Server::Server(UniqueFd control_socket)
    : supervisor_(std::move(control_socket), reactor_, *this), logs_(reactor_, supervisor_), access_log_(logs_),
      dispatcher_(reactor_, supervisor_), frontend_(reactor_, dispatcher_, logs_, traffic_) {
    dispatcher_.on_exchange_ended = [this](const Exchange& exchange) {
        access_log_.write(exchange);
        traffic_.count(exchange);
    };
    frontend_.set_limits(wire::ListenerLimits{});
    reactor_.arm<&Server::on_second>(second_, this, std::chrono::seconds(1));
    supervisor_.send(wire::ListenerReady{});
}

void Server::run() {
    reactor_.run([this] { return end_of_turn(); });
}

long long Server::end_of_turn() {
    dispatcher_.woke_up();
    bool any = true;
    for (int turn = 0; turn < MaxTurns && any; ++turn) {
        any = frontend_.run_turn();
        any |= dispatcher_.run_turn();
    }
    if (draining_ && frontend_.connection_count() == 0 && dispatcher_.running() == 0 && !logs_.waits_for_file()) {
        supervisor_.send(wire::ListenerDrained{});
        reactor_.stop();
        return 0;
    }
    return any ? 0 : dispatcher_.prepare_sleep();
}

void Server::on_second() {
    dispatcher_.tick();
    frontend_.certificates().tick(reactor_.now_us() / 1'000'000);
    if (!frontend_.certificates().empty() && reactor_.now_us() - reported_certificates_us_ > CertificateReportUs) report_certificates(0);
    reactor_.arm<&Server::on_second>(second_, this, std::chrono::seconds(1));
}

void Server::on_message(wire::Received<wire::SupervisorToListener> received) {
    std::visit([&](const auto& message) { handle(message, received.fds); }, received.message);
}

void Server::on_supervisor_gone() {
    // The guardian keeps the channel open while it replaces a supervisor: either both have gone, or this version is at its end.
    dispatcher_.expect_no_workers();
    if (draining_) return;
    drain(true, AbandonedLimit);
    reactor_.arm<&Server::on_patience_over>(patience_, this, AbandonedPatience);
}

void Server::on_patience_over() { frontend_.drain(false); }

void Server::drain(bool patiently, std::chrono::milliseconds limit) {
    draining_ = true;
    frontend_.drain(patiently);
    reactor_.arm<&Server::on_drain_limit>(drain_limit_, this, limit);
}

void Server::handle(const wire::ListenerHello& message, std::vector<UniqueFd>&) {
    if (message.version != wire::ProtocolVersion || message.protocol != "http") reactor_.stop();
}

void Server::handle(const wire::ListenerLimits& message, std::vector<UniqueFd>&) {
    dispatcher_.set_limits(message);
    frontend_.set_limits(message);
}

void Server::handle(const wire::ListenSocket& message, std::vector<UniqueFd>& fds) {
    if (fds.size() == 1) frontend_.add_socket(message, std::move(fds.front()));
}

void Server::handle(const wire::CloseListenSocket& message, std::vector<UniqueFd>&) { frontend_.close_socket(message.socket_id); }

void Server::handle(const wire::BeginSnapshot& message, std::vector<UniqueFd>&) { builder_.emplace(message.serial); }

void Server::handle(const wire::CommitSnapshot& message, std::vector<UniqueFd>&) {
    if (!builder_) return;
    auto snapshot = builder_->commit();
    builder_.reset();
    frontend_.certificates().keep([&](std::uint32_t id) { return snapshot->uses_certificate(id); });
    for (const auto& [id, site] : snapshot->sites()) frontend_.set_site_state(id, site.settings.state);
    dispatcher_.set_snapshot(snapshot);
    access_log_.set_snapshot(snapshot);
    frontend_.set_snapshot(std::move(snapshot));
    if (!frontend_.certificates().empty()) report_certificates(0);
    supervisor_.send(wire::SnapshotApplied{message.serial});
}

void Server::handle(const wire::SnapshotCertificate& message, std::vector<UniqueFd>& fds) {
    frontend_.certificates().add(message, std::move(fds));
}

void Server::handle(const wire::ListCertificates& message, std::vector<UniqueFd>&) { report_certificates(message.token); }

void Server::report_certificates(std::uint64_t token) {
    constexpr std::size_t PerMessage = 40;
    if (token == 0) reported_certificates_us_ = reactor_.now_us();
    wire::CertificateList list;
    list.token = token;
    list.last = false;
    for (auto& one : frontend_.certificates().list()) {
        list.certificates.push_back(std::move(one));
        if (list.certificates.size() < PerMessage) continue;
        supervisor_.send(list);
        list.certificates.clear();
    }
    list.last = true;
    supervisor_.send(list);
}

void Server::handle(const wire::AddWorker& message, std::vector<UniqueFd>& fds) {
    if (fds.size() == 2) dispatcher_.add_worker(message, std::move(fds[0]), std::move(fds[1]));
}

void Server::handle(const wire::RetireWorker& message, std::vector<UniqueFd>&) { dispatcher_.retire_worker(message.worker_id); }
void Server::handle(const wire::WorkerUnhealthy& message, std::vector<UniqueFd>&) { dispatcher_.mark_unhealthy(message.worker_id); }
void Server::handle(const wire::SetPoolState& message, std::vector<UniqueFd>&) { dispatcher_.set_pool_state(message.pool_id, message.state); }
void Server::handle(const wire::SetSiteState& message, std::vector<UniqueFd>&) { frontend_.set_site_state(message.site_id, message.state); }
void Server::handle(const wire::ListRequests& message, std::vector<UniqueFd>&) { dispatcher_.list_requests(message); }

void Server::handle(const wire::QueryCounters& message, std::vector<UniqueFd>&) {
    wire::ListenerCounters totals;
    totals.token = message.token;
    totals.connections = frontend_.connection_count();
    totals.requests = frontend_.request_count();
    totals.lost_log_lines = logs_.lost_lines();
    totals.rejected = named_counts(traffic_.refused());
    traffic_.report(totals.sites);
    dispatcher_.report_counters(totals, traffic_);
}

void Server::handle(const wire::DrainListener& message, std::vector<UniqueFd>&) {
    drain(message.replaced, std::chrono::milliseconds(message.limit_ms));
}

void Server::handle(const wire::LogFile& message, std::vector<UniqueFd>& fds) {
    if (fds.size() == 1) logs_.set_file(message, std::move(fds.front()));
}

void Server::handle(const wire::ReopenLogs&, std::vector<UniqueFd>&) { logs_.reopen(); }

}  // namespace osmia::listener
