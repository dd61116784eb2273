#include "listener/request_pool.h"

#include <algorithm>

namespace osmia::listener {

WorkerLink* RequestPool::choose_worker() const {
    WorkerLink* best = nullptr;
    for (WorkerLink* link : workers) {
        if (link->takes_requests() && (best == nullptr || link->active() < best->active())) best = link;
    }
    return best;
}

bool RequestPool::is_crowded() const {
    if (settings.max_workers <= 1) return false;
    std::uint32_t count = 0, fewest = wire::ChannelSlots, most = 0;
    for (const WorkerLink* link : workers) {
        if (link->retired) continue;
        ++count;
        fewest = std::min(fewest, link->active());
        most = std::max(most, link->active());
    }
    return count < settings.max_workers && fewest >= 1 && most >= 2;
}

bool RequestPool::remove(Exchange& exchange) {
    const auto found = std::find(queue.begin(), queue.end(), &exchange);
    if (found == queue.end()) return false;
    queue.erase(found);
    return true;
}

}  // namespace osmia::listener
