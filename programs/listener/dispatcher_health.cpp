// The dispatcher's second half: deaths, health, and what is told about it.
#include <algorithm>
#include <unordered_set>

#include "listener/dispatcher.h"
#include "listener/response_pump.h"
#include "listener/traffic.h"

namespace osmia::listener {

void Dispatcher::on_link_dead(WorkerLink& link) { bury(link); }

void Dispatcher::on_link_broken(WorkerLink& link, const char* reason) {
    if (link.dead) return;
    supervisor_.send(wire::ChannelBroken{link.worker_id(), reason});
    link.unhealthy = link.distrusted = true;
    bury(link);
}

namespace {

struct Sight {
    bool taken, begun;
};

/// What the worker has seen of a request. A distrusted worker may still run: it has seen all that it could.
Sight sight_of(const WorkerLink& link, const wire::ListenerEnd& end, std::uint32_t slot) {
    if (link.distrusted) return {end.was_visible(slot), end.was_visible(slot)};
    const bool taken = end.was_taken(slot);
    return {taken, taken && end.was_begun(slot)};
}

}  // namespace

namespace {

wire::DeadWorkerRequest describe(const WorkerLink& link, const Exchange& exchange) {
    const auto view = exchange.view();
    wire::DeadWorkerRequest request;
    request.id = std::string(view.request_id());
    request.method = std::string(view.method().substr(0, 32));
    request.url = std::string(view.raw_target().substr(0, 1024));
    request.client = std::string(view.remote_address());
    request.elapsed_ms = static_cast<std::uint32_t>((monotonic_us() - exchange.arrived_us) / 1000);
    request.begun = sight_of(link, link.end(), exchange.slot).begun;
    return request;
}

}  // namespace

/// Order as in the design: read what the worker still said, deliver complete answers, settle the rest, forget the regions.
void Dispatcher::bury(WorkerLink& link) {
    const bool own_fault = link.unhealthy || link.end().death_cause() != wire::DeathCause::Outside;
    (void)link.drain_socket();
    link.dead = true;
    link.distrusted = link.distrusted || !link.end().is_plausible();
    std::vector<Exchange*> left;
    link.for_each([&](Exchange& exchange) { left.push_back(&exchange); });
    std::sort(left.begin(), left.end(), [](const Exchange* a, const Exchange* b) { return a->number < b->number; });
    link.crashed = own_fault;
    wire::DeadWorkerRequests told{link.worker_id(), {}};
    for (Exchange* exchange : left) {
        auto request = describe(link, *exchange);
        request.outcome = settle_after_death(link, *exchange, own_fault);
        if (told.requests.size() < wire::MaxDeadWorkerRequests) told.requests.push_back(std::move(request));
    }
    supervisor_.send(told);
    if (RequestPool* pool = find_pool(link.pool_id())) {
        std::erase(pool->workers, &link);
        pool->asked_for_work_us = 0;
        on_link_ready(link);  // the pool's queue is to be looked at
    }
    if (on_bindings_lost) on_bindings_lost(std::exchange(link.bound_connections, {}));
    const auto found = links_.find(link.worker_id());
    buried_.push_back(std::move(found->second));
    links_.erase(found);
}

wire::RequestOutcome Dispatcher::settle_after_death(WorkerLink& link, Exchange& exchange, bool own_fault) {
    using enum wire::RequestOutcome;
    wire::DoneFields done;
    const Sight sight = sight_of(link, link.end(), exchange.slot);
    const auto outcome = pump_response(link, exchange, done, true);
    if (outcome == PumpOutcome::Finished) return finish(link, exchange, &done), Answered;
    const bool client_gone = exchange.sink == nullptr;
    if (exchange.ended || client_gone) return finish(link, exchange, nullptr), client_gone ? ClientGone : Answered;
    if (!exchange.head_seen && may_repeat(exchange, sight.taken, own_fault && sight.begun)) {
        link.release(exchange);
        --running_;
        RequestPool* pool = find_pool(exchange.application->pool_id);
        if (pool == nullptr || pool->settings.state != wire::ServiceState::Started) {
            return reject(&exchange, pool, http::ErrorReason::AppOffline), ServiceUnavailable;
        }
        return enqueue(*pool, &exchange), Repeated;
    }
    exchange.ended = true;
    if (!exchange.head_seen) exchange.status = 502;
    if (exchange.head_seen) exchange.sink->on_end(true);
    else exchange.sink->on_failure(502, http::ErrorReason::ConnectionAbandonedByReqQueue);
    const bool cut = exchange.head_seen;
    finish(link, exchange, nullptr);
    return cut ? Cut : BadGateway;
}

bool Dispatcher::may_repeat(Exchange& exchange, bool taken, bool counts) {
    if (!exchange.body_is_held()) return false;
    if ((exchange.fixed().flags & wire::RequestIsBound) != 0) return false;  // no other worker knows its connection
    if (!taken) return true;  // nobody has seen it
    const bool is_safe = exchange.method == http::Method::Get || exchange.method == http::Method::Head || exchange.method == http::Method::Options;
    if (!is_safe || exchange.application->replay == wire::ReplayPolicy::None) return false;
    if (counts && ++exchange.tries >= limits_.max_tries) return false;
    return monotonic_us() - exchange.arrived_us < std::int64_t{1000} * limits_.replay_ms;
}

void Dispatcher::tick() {
    std::vector<WorkerLink*> links;
    for (auto& [id, link] : links_) links.push_back(link.get());
    for (WorkerLink* link : links) {
        link->retry_connection_closed();
        if (link->active() > 0 && !link->unhealthy && link->is_ready()) check_health(*link);
    }
    for (auto& [id, pool] : pools_) {
        if (pool->is_crowded()) ask_for_worker(*pool);
        if (!pool->queue.empty()) on_pool_changed(*pool);
    }
}

void Dispatcher::check_health(WorkerLink& link) {
    const std::int64_t now = reactor_.now_us();
    const std::int64_t stuck_us = std::int64_t{1000} * limits_.stuck_ms;
    if (link.noop_sent_us != 0 && link.end().noop_answered()) link.noop_sent_us = 0;
    if (link.noop_sent_us != 0 && now - link.noop_sent_us > stuck_us) return report_stuck(link, "its channel thread does not answer");
    if (link.noop_sent_us == 0 && now - link.last_progress_us > stuck_us) {
        link.noop_sent_us = now;
        link.last_progress_us = now;
        link.end().send_noop();
    }
    Exchange* overdue = nullptr;
    link.for_each([&](Exchange& exchange) {
        const std::int64_t limit = std::int64_t{1000} * exchange.application->execution_timeout_ms;
        if (limit != 0 && now - exchange.dispatched_us > limit && link.end().was_begun(exchange.slot)) overdue = &exchange;
    });
    if (overdue != nullptr) {
        report_stuck(link, fmt::format("request {}, {} {}, ran longer than its executionTimeout of {} ms",
                                       overdue->view().request_id(), overdue->view().method(), overdue->view().path().substr(0, 200),
                                       overdue->application->execution_timeout_ms));
    }
}

void Dispatcher::report_stuck(WorkerLink& link, const std::string& reason) {
    link.unhealthy = true;
    link.retired = true;
    supervisor_.send(wire::WorkerStuck{link.worker_id(), reason});
}

namespace {

wire::RequestState state_of(const Exchange& exchange) {
    if (exchange.state == ExchangeState::Queued) return wire::RequestState::Queued;
    return exchange.answered_us != 0 || exchange.state == ExchangeState::Finished ? wire::RequestState::Sending : wire::RequestState::Running;
}

wire::ListedRequest describe(const Exchange& exchange, std::int64_t now) {
    const auto milliseconds = [](std::int64_t from, std::int64_t to) { return static_cast<std::uint32_t>(std::max<std::int64_t>(to - from, 0) / 1000); };
    const auto view = exchange.view();
    wire::ListedRequest item;
    item.id = std::string(view.request_id());
    item.site_id = exchange.application->site_id;
    item.pool_id = exchange.application->pool_id;
    item.pid = exchange.link != nullptr ? exchange.link->pid() : 0;
    item.method = std::string(view.method().substr(0, 32));
    item.url = std::string(view.raw_target().substr(0, 1024));
    item.client = std::string(view.remote_address());
    item.state = state_of(exchange);
    item.elapsed_ms = milliseconds(exchange.first_byte_us != 0 ? exchange.first_byte_us : exchange.arrived_us, now);
    const bool queued = item.state == wire::RequestState::Queued;
    const std::int64_t answered = exchange.answered_us != 0 ? exchange.answered_us : now;
    item.queued_ms = milliseconds(exchange.queued_us, queued ? now : exchange.dispatched_us);
    if (!queued) item.running_ms = milliseconds(exchange.dispatched_us, answered);
    if (item.state == wire::RequestState::Sending) item.sending_ms = milliseconds(answered, now);
    return item;
}

}  // namespace

void Dispatcher::list_requests(const wire::ListRequests& message) {
    constexpr std::size_t PerMessage = 40;
    wire::RequestList list;
    list.token = message.token;
    list.last = false;
    const std::int64_t now = monotonic_us();
    for (const auto& exchange : all_) {
        const bool lives = exchange->state == ExchangeState::Queued || exchange->state == ExchangeState::Running;
        if (lives || exchange->state == ExchangeState::Finished) list.requests.push_back(describe(*exchange, now));
        if (list.requests.size() == PerMessage) {
            supervisor_.send(list);
            list.requests.clear();
        }
    }
    list.last = true;
    supervisor_.send(list);
}

void Dispatcher::report_counters(const wire::ListenerCounters& totals, const Traffic& traffic) {
    // A message holds 128 KiB; a pool with every reason takes less than 2 KiB, a site less than 3.
    constexpr std::size_t PerMessage = 40;
    wire::ListenerCounters counters = totals;
    counters.last = false;
    counters.sites.clear();
    std::size_t items = 0;
    const auto send_if_full = [&] {
        if (++items % PerMessage != 0) return;
        supervisor_.send(counters);
        counters.pools.clear();
        counters.workers.clear();
        counters.sites.clear();
    };
    for (const auto& site : totals.sites) {
        counters.sites.push_back(site);
        send_if_full();
    }
    for (const auto& [id, pool] : pools_) {
        if (pool->requests == 0 && pool->rejected == 0 && pool->queue.empty()) continue;
        counters.pools.push_back({id, static_cast<std::uint32_t>(pool->queue.size()), pool->requests, pool->rejected, {}, {}});
        traffic.report(counters.pools.back());
        send_if_full();
    }
    for (const auto& [id, link] : links_) {
        counters.workers.push_back({id, link->finished, link->active()});
        send_if_full();
    }
    counters.last = true;
    supervisor_.send(counters);
}

}  // namespace osmia::listener
