/// \file
/// Remembers, for a moment, which handler a URL was mapped to, so that a busy URL's files are not looked at
/// for each request.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/effective_configuration.h"
#include "worker/pipeline/handler_mapping.h"

namespace osmia::worker {

/// URLs remembered; when there are more, all are forgotten.
inline constexpr std::size_t MaxCachedMappings = 4096;

/// Successful mappings only: a file that appears is seen at once; one that disappears is noticed by whoever
/// opens it, and an extension that is loaded goes on without its file. Thread-safe.
class MappingCache {
public:
    using Clock = std::chrono::steady_clock;
    /// So long a mapping is taken for true.
    static constexpr std::chrono::milliseconds Lifetime{1000};

    struct Key {
        std::uint32_t site_id;
        bool is_local;
        std::string_view method;
        std::string_view path;
    };
    /// Nothing when there is no mapping, it is too old, or it was made under another configuration.
    std::optional<HandlerMapping> find(const Key& key, const config::HandlersSection* section,
                                       Clock::time_point now) const;
    void store(const Key& key, std::shared_ptr<const config::HandlersSection> section,
               const HandlerMapping& mapping, Clock::time_point now);

private:
    struct Entry {
        std::uint32_t site_id;
        bool is_local;
        std::string method;
        std::string path;
        std::shared_ptr<const config::HandlersSection>
            section;  ///< keeps the handler that the mapping points to
        HandlerMapping mapping;
        Clock::time_point expires;
    };
    static std::size_t hash(const Key& key);

    mutable std::mutex mutex_;
    std::unordered_map<std::size_t, Entry> entries_;
};

}  // namespace osmia::worker
