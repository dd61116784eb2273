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

bool RequestPool::remove(Exchange& exchange) {
    const auto found = std::find(queue.begin(), queue.end(), &exchange);
    if (found == queue.end()) return false;
    queue.erase(found);
    return true;
}

}  // namespace osmia::listener
