/// \file
/// Who must wait because a site, or the listener as a whole, has sent its share of this second.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "listener/bandwidth.h"
#include "listener/reactor.h"
#include "listener/routing_snapshot.h"

namespace osmia::listener {

/// Reactor's thread only.
class Throttle {
public:
    /// \a resume is called for each connection that waited, by id, some time later.
    Throttle(Reactor& reactor, std::function<void(std::uint64_t connection_id)> resume) : reactor_(reactor), resume_(std::move(resume)) {}

    void set_global(std::uint32_t bytes_per_second);
    void set_snapshot(const RoutingSnapshot& snapshot);

    /// False when nothing limits anybody: then nothing else needs to be called.
    bool is_active() const { return active_; }
    /// Bytes that one connection of the site may send now: those who wait share what there is.
    std::uint64_t share(std::uint32_t site_id);
    void spend(std::uint32_t site_id, std::uint64_t bytes);
    /// The connection had to stop; resume follows.
    void wait(std::uint32_t site_id, std::uint64_t connection_id);

private:
    void on_time();

    Reactor& reactor_;
    std::function<void(std::uint64_t)> resume_;
    struct SiteShare {
        Bandwidth bandwidth;
        std::size_t waiting = 0;
    };
    Bandwidth global_;
    std::unordered_map<std::uint32_t, SiteShare> sites_;  ///< limited ones
    std::vector<std::pair<std::uint32_t, std::uint64_t>> waiting_;
    std::size_t last_waiting_ = 0;
    bool active_ = false;
    Timer timer_;
};

}  // namespace osmia::listener
