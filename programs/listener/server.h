/// \file
/// The listener as a whole: the supervisor's messages on one side, the frontend and the dispatcher on the other.
#pragma once

#include <memory>
#include <optional>

#include "listener/access_log.h"
#include "listener/dispatcher.h"
#include "listener/frontend.h"
#include "listener/reactor.h"
#include "listener/routing_snapshot.h"
#include "listener/supervisor_channel.h"

namespace osmia::listener {

/// How a listener ends whose supervisor has gone without a word: it waits so long for the next requests of idle connections,
/// and so long in all for what is under way. A supervisor of another version ends it in this way, too.
inline constexpr std::chrono::seconds AbandonedPatience{5};
inline constexpr std::chrono::seconds AbandonedLimit{30};

/// One thread, one reactor. run() returns when the supervisor says so or is gone for good.
class Server final : public SupervisorEvents {
public:
    explicit Server(UniqueFd control_socket);

    void run();
    void on_message(wire::Received<wire::SupervisorToListener> received) override;
    void on_supervisor_gone() override;

private:
    void handle(const wire::ListenerHello& message, std::vector<UniqueFd>& fds);
    void handle(const wire::ListenerLimits& message, std::vector<UniqueFd>& fds);
    void handle(const wire::ListenSocket& message, std::vector<UniqueFd>& fds);
    void handle(const wire::CloseListenSocket& message, std::vector<UniqueFd>& fds);
    void handle(const wire::BeginSnapshot& message, std::vector<UniqueFd>& fds);
    void handle(const wire::CommitSnapshot& message, std::vector<UniqueFd>& fds);
    void handle(const wire::AddWorker& message, std::vector<UniqueFd>& fds);
    void handle(const wire::RetireWorker& message, std::vector<UniqueFd>& fds);
    void handle(const wire::WorkerUnhealthy& message, std::vector<UniqueFd>& fds);
    void handle(const wire::SetPoolState& message, std::vector<UniqueFd>& fds);
    void handle(const wire::SetSiteState& message, std::vector<UniqueFd>& fds);
    void handle(const wire::ListRequests& message, std::vector<UniqueFd>& fds);
    void handle(const wire::QueryCounters& message, std::vector<UniqueFd>& fds);
    void handle(const wire::DrainListener& message, std::vector<UniqueFd>& fds);
    void handle(const wire::LogFile& message, std::vector<UniqueFd>& fds);
    void handle(const wire::SnapshotCertificate& message, std::vector<UniqueFd>& fds);
    void handle(const wire::ListCertificates& message, std::vector<UniqueFd>& fds);
    void report_certificates(std::uint64_t token);
    void handle(const wire::ReopenLogs& message, std::vector<UniqueFd>& fds);
    template <class SnapshotPart>
    void handle(const SnapshotPart& message, std::vector<UniqueFd>&) {
        if (builder_) builder_->add(message);
    }

    long long end_of_turn();
    void on_second();
    void drain(bool patiently, std::chrono::milliseconds limit);
    void on_drain_limit() { reactor_.stop(); }
    void on_patience_over();

    Reactor reactor_;
    SupervisorChannel supervisor_;
    LogFiles logs_;
    AccessLog access_log_;
    Traffic traffic_;
    Dispatcher dispatcher_;
    Frontend frontend_;
    std::optional<SnapshotBuilder> builder_;
    Timer second_;
    Timer drain_limit_;
    std::int64_t reported_certificates_us_ = 0;
    Timer patience_;
    bool draining_ = false;
};

}  // namespace osmia::listener
