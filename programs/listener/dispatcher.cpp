#include "listener/dispatcher.h"

#include <algorithm>

#include "listener/response_pump.h"
#include "listener/transmission.h"

namespace osmia::listener {

namespace {

/// More than this many awake threads per core only fight for it (docs/decisions on the channel).
constexpr std::uint32_t MaxAwakePerCore = 2;
/// A ring that has not moved for this long gets one more thread.
constexpr long long StallNs = 200'000;
/// PoolHasWork is repeated no more often.
constexpr std::int64_t AskAgainUs = 1'000'000;

/// Asked before the sandbox closes: sysconf reads a file.
const std::uint32_t MaxAwake = MaxAwakePerCore * static_cast<std::uint32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));

/// ERROR_BROKEN_PIPE, for the access log.
constexpr std::uint32_t WorkerHasDied = 109;

http::ErrorReason reason_of(wire::ServiceState state) {
    return state == wire::ServiceState::Failed ? http::ErrorReason::AppOffline : http::ErrorReason::Disabled;
}

}  // namespace

// Exchanges ---------------------------------------------------------------------------------------------------

Exchange* Dispatcher::acquire() {
    if (free_.empty()) {
        all_.push_back(std::make_unique<Exchange>());
        free_.push_back(all_.back().get());
    }
    Exchange* exchange = free_.back();
    free_.pop_back();
    exchange->number = next_number_++;
    return exchange;
}

void Dispatcher::release(Exchange* exchange) {
    if (exchange->transmission != nullptr) exchange->transmission->forget();
    auto head = std::move(exchange->head);
    auto held_body = std::move(exchange->held_body);
    *exchange = Exchange{};
    exchange->head = std::move(head);
    exchange->head.clear();
    if (held_body.capacity() <= 4096) {
        held_body.clear();
        exchange->held_body = std::move(held_body);
    }
    free_.push_back(exchange);
}

// Pools and links ---------------------------------------------------------------------------------------------

void Dispatcher::set_limits(const wire::ListenerLimits& limits) { limits_ = limits; }

WorkerLink* Dispatcher::find_link(std::uint64_t worker_id) {
    const auto found = links_.find(worker_id);
    return found == links_.end() ? nullptr : found->second.get();
}

std::string_view Dispatcher::pool_name(std::uint32_t pool_id) const {
    const auto found = pools_.find(pool_id);
    return found == pools_.end() ? std::string_view() : found->second->settings.name;
}

RequestPool* Dispatcher::find_pool(std::uint32_t pool_id) {
    const auto found = pools_.find(pool_id);
    return found == pools_.end() ? nullptr : found->second.get();
}

void Dispatcher::set_snapshot(std::shared_ptr<const RoutingSnapshot> snapshot) {
    std::vector<std::uint32_t> current;
    for (const auto& settings : snapshot->pools()) {
        auto& pool = pools_[settings.pool_id];
        if (pool == nullptr) pool = std::make_unique<RequestPool>();
        pool->settings = settings;
        current.push_back(settings.pool_id);
        if (settings.state != wire::ServiceState::Started) reject_queue(*pool);
    }
    for (auto& [id, pool] : pools_) {
        if (std::find(current.begin(), current.end(), id) != current.end()) continue;
        pool->settings.state = wire::ServiceState::Stopped;  // kept: its workers finish what they have
        reject_queue(*pool);
    }
}

void Dispatcher::set_pool_state(std::uint32_t pool_id, wire::ServiceState state) {
    RequestPool* pool = find_pool(pool_id);
    if (pool == nullptr) return;
    pool->settings.state = state;
    if (state != wire::ServiceState::Started) reject_queue(*pool);
}

void Dispatcher::expect_no_workers() {
    no_more_workers_ = true;
    for (auto& [id, pool] : pools_) on_pool_changed(*pool);
}

void Dispatcher::reject_queue(RequestPool& pool) {
    const auto reason = pool.settings.state == wire::ServiceState::Started ? http::ErrorReason::NotAvailable : reason_of(pool.settings.state);
    auto queue = std::move(pool.queue);
    pool.queue.clear();
    for (Exchange* exchange : queue) reject(exchange, &pool, reason);
}

void Dispatcher::add_worker(const wire::AddWorker& message, UniqueFd channel, UniqueFd pidfd) {
    auto link = WorkerLink::create(message, std::move(channel), std::move(pidfd), reactor_, *this);
    if (!link.ok()) {
        supervisor_.send(wire::ChannelBroken{message.worker_id, link.error().message});
        return;
    }
    WorkerLink* added = link.value().get();
    auto& pool = pools_[message.pool_id];
    if (pool == nullptr) pool = std::make_unique<RequestPool>();
    pool->workers.push_back(added);
    links_[message.worker_id] = std::move(link).value();
}

void Dispatcher::on_link_ready(WorkerLink& link) {
    if (RequestPool* pool = find_pool(link.pool_id())) on_pool_changed(*pool);
}

void Dispatcher::on_pool_changed(RequestPool& pool) {
    if (std::exchange(pool.dirty, true)) return;
    dirty_pools_.push_back(&pool);
}

void Dispatcher::retire_worker(std::uint64_t worker_id) {
    WorkerLink* const link = find_link(worker_id);
    // One that this listener never had, or has no more, has nothing left to finish here.
    if (link == nullptr) return supervisor_.send(wire::WorkerDrained{worker_id});
    link->retired = true;
    link->drained_told = false;  // a supervisor that was started again asks again
    tell_if_drained(*link);
}

void Dispatcher::tell_if_drained(WorkerLink& link) {
    if (!link.retired || link.drained_told || link.active() != 0 || !link.bound_connections.empty()) return;
    link.drained_told = true;
    supervisor_.send(wire::WorkerDrained{link.worker_id()});
}

void Dispatcher::mark_unhealthy(std::uint64_t worker_id) {
    if (WorkerLink* link = find_link(worker_id)) link->unhealthy = true;
}

// Queue and dispatch --------------------------------------------------------------------------------------------

void Dispatcher::submit(Exchange* exchange, WorkerLink* bound) {
    exchange->queued_us = monotonic_us();
    if (bound != nullptr && !bound->dead) {
        // No other worker may answer it, so there is nothing to wait for.
        if (!place(*bound, *exchange)) reject(exchange, find_pool(bound->pool_id()), http::ErrorReason::QueueFull);
        return;
    }
    RequestPool* pool = find_pool(exchange->application->pool_id);
    if (pool == nullptr) return reject(exchange, nullptr, http::ErrorReason::NotAvailable);
    if (pool->settings.state != wire::ServiceState::Started) return reject(exchange, pool, reason_of(pool->settings.state));
    if (pool->queue.size() >= pool->settings.queue_length) return reject(exchange, pool, http::ErrorReason::QueueFull);
    enqueue(*pool, exchange);
}

void Dispatcher::enqueue(RequestPool& pool, Exchange* exchange) {
    exchange->state = ExchangeState::Queued;
    if (exchange->keeps_place) {
        const auto later = std::find_if(pool.queue.begin(), pool.queue.end(),
                                        [&](const Exchange* other) { return other->number > exchange->number; });
        pool.queue.insert(later, exchange);
    } else {
        pool.queue.push_back(exchange);
    }
    exchange->keeps_place = true;
    on_pool_changed(pool);
}

void Dispatcher::reject(Exchange* exchange, RequestPool* pool, http::ErrorReason reason) {
    if (pool != nullptr) ++pool->rejected;
    ResponseSink* sink = exchange->sink;
    exchange->sink = nullptr;
    exchange->state = ExchangeState::Finished;
    exchange->status = 503;
    if (sink != nullptr) {
        sink->on_failure(503, reason);
        sink->on_finished();
    }
    abandon(*exchange);
}

/// No worker will have it (again).
void Dispatcher::abandon(Exchange& exchange) {
    if (!exchange.reached_worker) return release(&exchange);
    exchange.state = ExchangeState::Finished;
    exchange.worker_over = true;
    settle(exchange);
}

bool Dispatcher::place(WorkerLink& link, Exchange& exchange) {
    auto& fixed = exchange.fixed();
    exchange.dispatched_us = monotonic_us();
    fixed.queued_us = exchange.queued_us;
    fixed.dispatched_us = exchange.dispatched_us;
    if (exchange.tries > 0) fixed.flags |= wire::RequestIsReplayed;
    if (link.active() == 0) link.last_progress_us = exchange.dispatched_us;
    if (!link.place(exchange)) return false;
    exchange.reached_worker = true;
    ++running_;
    return true;
}

bool Dispatcher::dispatch(RequestPool& pool) {
    bool any = false;
    while (!pool.queue.empty()) {
        WorkerLink* link = pool.choose_worker();
        if (link == nullptr) {
            ask_for_worker(pool);
            break;
        }
        Exchange* exchange = pool.queue.front();
        pool.queue.pop_front();
        ++pool.requests;
        any = true;
        if (!place(*link, *exchange)) reject(exchange, &pool, http::ErrorReason::Internal);
    }
    if (any && pool.is_crowded()) ask_for_worker(pool);
    return any;
}

void Dispatcher::ask_for_worker(RequestPool& pool) {
    if (no_more_workers_ && pool.workers.empty()) return reject_queue(pool);
    const std::int64_t now = monotonic_us();
    if (pool.asked_for_work_us != 0 && now - pool.asked_for_work_us < AskAgainUs) return;
    pool.asked_for_work_us = now;
    supervisor_.send(wire::PoolHasWork{pool.settings.pool_id, static_cast<std::uint32_t>(pool.queue.size())});
}

bool Dispatcher::run_turn() {
    bool any = false;
    auto dirty = std::move(dirty_pools_);
    dirty_pools_.clear();
    for (RequestPool* pool : dirty) pool->dirty = false;
    for (RequestPool* pool : dirty) any |= dispatch(*pool);
    for (auto& [id, link] : links_) {
        if (!link->published) continue;
        link->published = false;
        link->end().flush(MaxAwake);
    }
    std::vector<WorkerLink*> active;
    for (auto& [id, link] : links_) {
        if (link->active() > 0) active.push_back(link.get());
    }
    for (WorkerLink* link : active) any |= collect(*link);
    return any || !dirty_pools_.empty();
}

bool Dispatcher::collect(WorkerLink& link) {
    bool any = false;
    if (link.dead) return false;
    std::array<std::uint32_t, wire::ChannelSlots> marked;
    std::size_t count = 0;
    link.end().collect([&](std::uint32_t slot) { marked[count++] = slot; });
    for (std::size_t i = 0; i < count && !link.dead; ++i) {
        Exchange* exchange = link.exchange(marked[i]);
        if (exchange == nullptr) continue;
        any = true;
        link.last_progress_us = reactor_.now_us();
        pump(link, *exchange);
    }
    if (any) on_link_ready(link);  // a free slot may be what the queue waits for
    return any;
}

void Dispatcher::pump(WorkerLink& link, Exchange& exchange) {
    wire::DoneFields done;
    switch (pump_response(link, exchange, done, false)) {
        case PumpOutcome::Waiting:
            if (exchange.sink != nullptr && !exchange.ended && !exchange.body_complete) exchange.sink->on_body_wanted();
            break;
        case PumpOutcome::Finished: finish(link, exchange, &done); break;
        case PumpOutcome::Broken: on_link_broken(link, "a response stream that makes no sense"); break;
    }
}

void Dispatcher::resume(Exchange& exchange) {
    if (exchange.state == ExchangeState::Running) pump(*exchange.link, exchange);
}

void Dispatcher::finish(WorkerLink& link, Exchange& exchange, const wire::DoneFields* done) {
    link.release(exchange);
    ++link.finished;
    --running_;
    exchange.state = ExchangeState::Finished;
    if (done != nullptr) exchange.done = *done;
    else exchange.done.win32_status = WorkerHasDied;
    exchange.worker_over = true;
    ResponseSink* sink = exchange.sink;
    exchange.sink = nullptr;
    if (sink != nullptr) sink->on_finished();
    settle(exchange);
    tell_if_drained(link);
}

void Dispatcher::transmission_over(Exchange& exchange) {
    exchange.client_over = true;
    settle(exchange);
}

void Dispatcher::settle(Exchange& exchange) {
    if (!exchange.worker_over || (!exchange.client_over && exchange.transmission != nullptr)) return;
    if (on_exchange_ended) on_exchange_ended(exchange);
    release(&exchange);
}

// Bodies ----------------------------------------------------------------------------------------------------------

std::size_t Dispatcher::deliver_body(Exchange& exchange, std::string_view bytes) {
    if (exchange.state != ExchangeState::Running) return 0;
    const std::size_t taken = exchange.link->end().append_body(exchange.slot, bytes);
    exchange.body_delivered += taken;
    return taken;
}

void Dispatcher::end_body(Exchange& exchange, bool aborted) {
    exchange.body_complete = !aborted;
    if (exchange.state != ExchangeState::Running) return;
    exchange.link->end().end_body(exchange.slot, aborted ? wire::BodyState::Aborted : wire::BodyState::Complete);
}

bool Dispatcher::wants_body(const Exchange& exchange) const {
    if (exchange.state != ExchangeState::Running || exchange.body_complete) return false;
    wire::ListenerEnd& end = exchange.link->end();
    return end.body_wanted(exchange.slot) > exchange.body_delivered && end.body_space(exchange.slot) > 0;
}

void Dispatcher::client_left(Exchange* exchange) {
    exchange->sink = nullptr;
    if (exchange->state == ExchangeState::Queued) {
        if (RequestPool* pool = find_pool(exchange->application->pool_id)) pool->remove(*exchange);
        abandon(*exchange);
    } else if (exchange->state == ExchangeState::Running) {
        if (!exchange->body_complete) exchange->link->end().end_body(exchange->slot, wire::BodyState::Aborted);
        exchange->link->end().mark_client_gone(exchange->slot);
        pump(*exchange->link, *exchange);  // what was written and not read is discarded now
    }
}

// Sleep -----------------------------------------------------------------------------------------------------------

long long Dispatcher::prepare_sleep() {
    long long limit = -1;
    for (auto& [id, link] : links_) {
        if (link->active() == 0) continue;
        if (!link->end().prepare_sleep()) return 0;
        const std::uint32_t untaken = link->end().untaken();
        if (untaken > 0 && untaken == link->stalled_untaken) link->end().wake_one_more();
        link->stalled_untaken = untaken;
        if (untaken > 0) limit = StallNs;
    }
    return limit;
}

void Dispatcher::woke_up() {
    for (auto& [id, link] : links_) {
        if (link->active() > 0) link->end().woke_up();
    }
    buried_.clear();
}

}  // namespace osmia::listener
