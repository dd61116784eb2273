#include "worker/pipeline/mapping_cache.h"

namespace osmia::worker {

std::size_t MappingCache::hash(const Key& key) {
    return std::hash<std::string_view>()(key.path) * 31 + std::hash<std::string_view>()(key.method) +
           key.site_id * 2 + (key.is_local ? 1 : 0);
}

std::optional<HandlerMapping> MappingCache::find(const Key& key, const config::HandlersSection* section,
                                                 Clock::time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(hash(key));
    if (found == entries_.end()) return std::nullopt;
    const Entry& entry = found->second;
    const bool same = entry.site_id == key.site_id && entry.is_local == key.is_local &&
                      entry.method == key.method && entry.path == key.path && entry.section.get() == section;
    if (!same || now >= entry.expires) return std::nullopt;
    return entry.mapping;
}

void MappingCache::store(const Key& key, std::shared_ptr<const config::HandlersSection> section,
                         const HandlerMapping& mapping, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= MaxCachedMappings) entries_.clear();
    // URLs with one hash take turns: the later one stays.
    entries_.insert_or_assign(hash(key),
                              Entry{key.site_id, key.is_local, std::string(key.method), std::string(key.path),
                                    std::move(section), mapping, now + Lifetime});
}

}  // namespace osmia::worker
