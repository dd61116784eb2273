#include "listener/traffic.h"

#include <algorithm>

#include "listener/exchange.h"

namespace osmia::listener {

namespace {

/// An unlimited maxConnections.
constexpr std::uint32_t Unlimited = 0xffffffff;

std::size_t class_of(unsigned status) { return status < 600 ? status / 100 : 0; }

}  // namespace

std::vector<wire::NamedCount> named_counts(const std::array<std::uint64_t, static_cast<std::size_t>(http::ErrorReason::Count)>& counts) {
    std::vector<wire::NamedCount> named;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] != 0) named.push_back({std::string(http::reason_name(static_cast<http::ErrorReason>(i))), counts[i]});
    }
    return named;
}

void Traffic::count(const Exchange& exchange) {
    SiteTraffic& site = sites_[exchange.application->site_id];
    ++site.methods[static_cast<std::size_t>(exchange.method)];
    ++site.answers[class_of(exchange.status)];
    site.sent += exchange.sent;
    site.received += exchange.received;
    ++pools_[exchange.application->pool_id].answers[class_of(exchange.status)];
}

void Traffic::reject(std::uint32_t site_id, std::uint32_t pool_id, http::ErrorReason reason) {
    const auto index = static_cast<std::size_t>(reason);
    ++refused_[index];
    if (site_id != 0) ++sites_[site_id].rejected[index];
    if (pool_id != 0) ++pools_[pool_id].rejected[index];
}

bool Traffic::take_seat(std::uint32_t& seat, const Site& site) {
    const std::uint32_t id = site.settings.site_id;
    if (seat == id) return true;
    SiteTraffic& traffic = sites_[id];
    if (site.settings.max_connections != Unlimited && traffic.connections >= site.settings.max_connections) return false;
    leave_seat(seat);
    ++traffic.connections;
    ++traffic.accepted;
    seat = id;
    return true;
}

void Traffic::leave_seat(std::uint32_t& seat) {
    if (seat == 0) return;
    --sites_[seat].connections;
    seat = 0;
}

void Traffic::report(std::vector<wire::SiteCounters>& sites) const {
    for (const auto& [id, traffic] : sites_) {
        wire::SiteCounters counters;
        counters.site_id = id;
        counters.connections = traffic.connections;
        counters.accepted = traffic.accepted;
        counters.sent = traffic.sent;
        counters.received = traffic.received;
        counters.answers.assign(traffic.answers.begin(), traffic.answers.end());
        for (std::size_t i = 0; i < traffic.methods.size(); ++i) {
            const auto token = http::method_token(static_cast<http::Method>(i));
            if (traffic.methods[i] != 0) counters.methods.push_back({std::string(token.empty() ? "other" : token), traffic.methods[i]});
        }
        counters.rejected = named_counts(traffic.rejected);
        sites.push_back(std::move(counters));
    }
}

void Traffic::report(wire::PoolCounters& pool) const {
    const auto found = pools_.find(pool.pool_id);
    if (found == pools_.end()) return;
    pool.answers.assign(found->second.answers.begin(), found->second.answers.end());
    pool.rejections = named_counts(found->second.rejected);
}

}  // namespace osmia::listener
