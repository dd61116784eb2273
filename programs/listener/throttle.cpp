#include "listener/throttle.h"

#include <algorithm>

namespace osmia::listener {

namespace {

constexpr std::chrono::milliseconds Pause{250};
/// Less at once is not worth a packet.
constexpr std::uint64_t MinShare = 64;

}  // namespace

void Throttle::set_global(std::uint32_t bytes_per_second) {
    global_.set_rate(bytes_per_second);
    active_ = global_.is_limited() || !sites_.empty();
}

void Throttle::set_snapshot(const RoutingSnapshot& snapshot) {
    std::erase_if(sites_, [&](const auto& entry) {
        const Site* site = snapshot.site(entry.first);
        return site == nullptr || site->settings.max_bandwidth == UnlimitedBandwidth;
    });
    for (const auto& [id, site] : snapshot.sites()) {
        if (site.settings.max_bandwidth != UnlimitedBandwidth) sites_[id].bandwidth.set_rate(site.settings.max_bandwidth);
    }
    active_ = global_.is_limited() || !sites_.empty();
}

std::uint64_t Throttle::share(std::uint32_t site_id) {
    const std::int64_t now = reactor_.now_us();
    const auto part = [](std::uint64_t allowance, std::size_t sharers) {
        return sharers == 0 ? allowance : std::min(allowance, std::max(allowance / sharers, MinShare));
    };
    std::uint64_t bytes = part(global_.allowance(now), last_waiting_);
    if (const auto found = sites_.find(site_id); found != sites_.end()) {
        bytes = std::min(bytes, part(found->second.bandwidth.allowance(now), found->second.waiting));
    }
    return bytes;
}

void Throttle::spend(std::uint32_t site_id, std::uint64_t bytes) {
    global_.spend(bytes);
    if (const auto found = sites_.find(site_id); found != sites_.end()) found->second.bandwidth.spend(bytes);
}

void Throttle::wait(std::uint32_t site_id, std::uint64_t connection_id) {
    waiting_.emplace_back(site_id, connection_id);
    if (!timer_.is_armed()) reactor_.arm<&Throttle::on_time>(timer_, this, Pause);
}

void Throttle::on_time() {
    const auto resumed = std::exchange(waiting_, {});
    last_waiting_ = resumed.size();
    for (auto& [id, site] : sites_) site.waiting = 0;
    for (const auto& [site_id, connection_id] : resumed) {
        if (const auto found = sites_.find(site_id); found != sites_.end()) ++found->second.waiting;
    }
    for (const auto& [site_id, connection_id] : resumed) resume_(connection_id);
}

}  // namespace osmia::listener
