/// \file
/// What the listener counts: per site, per pool and for itself. Plain numbers of one reactor, so without locks.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "http/error_reason.h"
#include "http/method.h"
#include "listener/routing_snapshot.h"
#include "wire/listener_to_supervisor.h"

namespace osmia::listener {

struct Exchange;

/// Everything since the listener's start, but for `connections`: now.
struct SiteTraffic {
    std::uint32_t connections = 0;
    std::uint64_t accepted = 0;  ///< connections whose first request (for this site) came
    std::array<std::uint64_t, 10> methods{};  ///< by http::Method
    std::array<std::uint64_t, 6> answers{};   ///< by status / 100; 0: none went out
    std::array<std::uint64_t, static_cast<std::size_t>(http::ErrorReason::Count)> rejected{};
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
};

struct PoolTraffic {
    std::array<std::uint64_t, 6> answers{};
    std::array<std::uint64_t, static_cast<std::size_t>(http::ErrorReason::Count)> rejected{};
};

/// Reactor's thread only.
class Traffic {
public:
    /// An exchange that reached a worker has ended.
    void count(const Exchange& exchange);
    /// The listener refused or ended something itself. 0: no site, or no pool.
    void reject(std::uint32_t site_id, std::uint32_t pool_id, http::ErrorReason reason);

    /// A connection's request is for \a site: the connection counts there from now on, and no longer for \a seat (0:
    /// none), which is updated. False when the site has as many connections as it may.
    bool take_seat(std::uint32_t& seat, const Site& site);
    /// The connection ends.
    void leave_seat(std::uint32_t& seat);

    /// Adds what is known of sites and pools; \a counters may have pools already.
    void report(std::vector<wire::SiteCounters>& sites) const;
    void report(wire::PoolCounters& pool) const;
    const auto& refused() const { return refused_; }

private:
    std::unordered_map<std::uint32_t, SiteTraffic> sites_;
    std::unordered_map<std::uint32_t, PoolTraffic> pools_;
    std::array<std::uint64_t, static_cast<std::size_t>(http::ErrorReason::Count)> refused_{};
};

/// The reasons that occurred, by name.
std::vector<wire::NamedCount> named_counts(const std::array<std::uint64_t, static_cast<std::size_t>(http::ErrorReason::Count)>& counts);

}  // namespace osmia::listener
