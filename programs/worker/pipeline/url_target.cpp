#include "worker/pipeline/url_target.h"

#include <atomic>
#include <unordered_map>

#include "worker/coarse_clock.h"

namespace osmia::worker {

namespace {

struct Remembered {
    std::uint32_t site_id;
    std::string path;
    std::shared_ptr<const UrlTarget> target;
    std::chrono::steady_clock::time_point expires;
};

/// What the thread knows, by the path's hash: URLs with one hash take turns.
struct Memory {
    std::uint64_t owner = 0;
    std::unordered_map<std::size_t, Remembered> targets;
};

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

}  // namespace

ConfiguredSites::ConfiguredSites(std::shared_ptr<const config::ServerConfiguration> configuration)
    : configuration_(std::move(configuration)), cache_(configuration_), number_(next_number()) {}

std::shared_ptr<const UrlTarget> ConfiguredSites::find(std::uint32_t site_id, std::string_view url_path) {
    thread_local Memory memory;
    if (memory.owner != number_ || memory.targets.size() >= MaxRememberedTargets) {
        memory.targets.clear();
        memory.owner = number_;
    }
    const auto now = coarse_now();
    Remembered& entry = memory.targets[std::hash<std::string_view>()(url_path) + site_id];
    if (entry.target != nullptr && entry.site_id == site_id && entry.path == url_path && now < entry.expires) return entry.target;
    auto target = std::make_shared<UrlTarget>();
    target->site = configuration_->find_site(site_id);
    if (target->site != nullptr) {
        target->place = config::map_url(*target->site, url_path);
        target->configuration = cache_.find(site_id, url_path);
    }
    entry = {site_id, std::string(url_path), target, now + TargetLifetime};
    return target;
}

}  // namespace osmia::worker
