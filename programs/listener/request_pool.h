/// \file
/// One application pool as the listener sees it: its queue and its workers.
#pragma once

#include <deque>
#include <vector>

#include "listener/worker_link.h"

namespace osmia::listener {

/// Owned by the dispatcher. Links are borrowed; they leave before they are deleted.
struct RequestPool {
    wire::SnapshotPool settings;
    std::deque<Exchange*> queue;
    std::vector<WorkerLink*> workers;
    std::uint64_t requests = 0;
    std::uint64_t rejected = 0;
    std::int64_t asked_for_work_us = 0;  ///< when PoolHasWork was last sent
    bool dirty = false;

    /// The worker with the fewest requests that takes another; null if none does.
    WorkerLink* choose_worker() const;
    /// One more worker would help: a web garden that may still grow, every worker is busy and one has several requests.
    bool is_crowded() const;
    bool remove(Exchange& exchange);
};

}  // namespace osmia::listener
