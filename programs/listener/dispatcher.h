/// \file
/// The dispatcher: pools' queues, workers' links, and what happens to a request when its worker dies.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "listener/request_pool.h"
#include "listener/supervisor_channel.h"
#include "listener/worker_link.h"

namespace osmia::listener {

class Traffic;

/// Called once for each exchange that reached a worker, when both its worker and its client are through with it.
using ExchangeEnded = std::function<void(const Exchange&)>;

/// Owns exchanges, pools and links. Reactor's thread only.
class Dispatcher final : public WorkerLinkEvents {
public:
    Dispatcher(Reactor& reactor, SupervisorChannel& supervisor) : reactor_(reactor), supervisor_(supervisor) {}

    void set_limits(const wire::ListenerLimits& limits);
    /// Makes the pools those of the snapshot. Requests queued for a pool that is gone are answered 503.
    void set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot);
    void set_pool_state(std::uint32_t pool_id, wire::ServiceState state);
    /// Nobody starts workers any more: a request for a pool without one is refused.
    void expect_no_workers();

    void add_worker(const wire::AddWorker& message, UniqueFd channel, UniqueFd pidfd);
    void retire_worker(std::uint64_t worker_id);
    void mark_unhealthy(std::uint64_t worker_id);
    /// The live link of a worker, or null.
    WorkerLink* find_link(std::uint64_t worker_id);

    /// A fresh exchange. It belongs to the dispatcher; release() gives one back that was never submitted.
    Exchange* acquire();
    void release(Exchange* exchange);

    /// Queues the exchange for its application's pool (or for \a bound, the worker its connection is bound to). May
    /// answer at once, through the sink, with 503.
    void submit(Exchange* exchange, WorkerLink* bound);
    /// The sink is going away; the worker is told, and nothing more is sent to the sink.
    void client_left(Exchange* exchange);
    /// The client's half is over; see Transmission::end().
    void transmission_over(Exchange& exchange);
    /// More body bytes; returns how many were taken. Zero while the worker wants none.
    std::size_t deliver_body(Exchange& exchange, std::string_view bytes);
    void end_body(Exchange& exchange, bool aborted);
    /// True when the worker waits for body bytes that have not been delivered.
    bool wants_body(const Exchange& exchange) const;
    /// The sink can take bytes again.
    void resume(Exchange& exchange);

    /// Dispatches, publishes, collects. True when something happened.
    bool run_turn();
    /// Prepares for sleep: how long at most in nanoseconds (0: do not sleep; negative: any time).
    long long prepare_sleep();
    void woke_up();
    /// Once a second: health, time limits.
    void tick();

    void list_requests(const wire::ListRequests& message);
    /// Completes  totals with pools and workers and sends it, in parts if it must be.
    void report_counters(const wire::ListenerCounters& totals, const Traffic& traffic);
    std::size_t running() const { return running_; }
    std::string_view pool_name(std::uint32_t pool_id) const;

    ExchangeEnded on_exchange_ended;
    /// A worker that connections were bound to is gone.
    std::function<void(const std::unordered_set<std::uint64_t>& connections)> on_bindings_lost;
    /// A connection is no longer bound to the link.
    void unbound(WorkerLink& link) { tell_if_drained(link); }

    void on_link_ready(WorkerLink& link) override;
    void on_link_dead(WorkerLink& link) override;
    void on_link_broken(WorkerLink& link, const char* reason) override;

private:
    void enqueue(RequestPool& pool, Exchange* exchange);
    void reject(Exchange* exchange, RequestPool* pool, http::ErrorReason reason);
    bool dispatch(RequestPool& pool);
    bool place(WorkerLink& link, Exchange& exchange);
    void ask_for_worker(RequestPool& pool);
    void on_pool_changed(RequestPool& pool);
    bool collect(WorkerLink& link);
    void pump(WorkerLink& link, Exchange& exchange);
    void finish(WorkerLink& link, Exchange& exchange, const wire::DoneFields* done);
    void abandon(Exchange& exchange);
    void settle(Exchange& exchange);
    void bury(WorkerLink& link);
    wire::RequestOutcome settle_after_death(WorkerLink& link, Exchange& exchange, bool own_fault);
    bool may_repeat(Exchange& exchange, bool taken, bool counts);
    void check_health(WorkerLink& link);
    void report_stuck(WorkerLink& link, const std::string& reason);
    void tell_if_drained(WorkerLink& link);
    void reject_queue(RequestPool& pool);
    RequestPool* find_pool(std::uint32_t pool_id);

    Reactor& reactor_;
    SupervisorChannel& supervisor_;
    wire::ListenerLimits limits_;
    std::unordered_map<std::uint32_t, std::unique_ptr<RequestPool>> pools_;
    std::unordered_map<std::uint64_t, std::unique_ptr<WorkerLink>> links_;
    std::vector<std::unique_ptr<WorkerLink>> buried_;
    std::vector<RequestPool*> dirty_pools_;
    std::vector<std::unique_ptr<Exchange>> all_;
    std::vector<Exchange*> free_;
    bool no_more_workers_ = false;
    std::size_t running_ = 0;
    std::uint64_t next_number_ = 1;
};

}  // namespace osmia::listener
