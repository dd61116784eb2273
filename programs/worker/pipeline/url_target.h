/// \file
/// Where a URL leads on this worker: site, application, virtual directory, configuration.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "config/configuration_cache.h"
#include "config/effective_configuration.h"
#include "config/server_configuration.h"
#include "config/url_mapping.h"
#include "worker/pipeline/mapping_cache.h"

namespace osmia::worker {

/// The result of mapping one URL path. The pointers live as long as the SiteMap.
struct UrlTarget {
    const config::SiteConfiguration* site = nullptr;
    config::UrlMapping place;
    std::shared_ptr<const config::EffectiveConfiguration> configuration;
};

/// The configuration as requests see it. Thread-safe.
class SiteMap {
public:
    virtual ~SiteMap() = default;
    /// \a site_id comes from the listener. A site that this worker does not know gives a target without a
    /// site. Never null.
    virtual std::shared_ptr<const UrlTarget> find(std::uint32_t site_id, std::string_view url_path) = 0;
    /// Null: every request looks at the files.
    virtual MappingCache* mappings() { return nullptr; }
};

/// So long a thread remembers where a URL leads, before it asks the configuration again (which looks at the files once a
/// second).
inline constexpr std::chrono::milliseconds TargetLifetime{50};
/// URLs that one thread remembers; when there are more, it forgets all.
inline constexpr std::size_t MaxRememberedTargets = 256;

/// SiteMap over a loaded pool configuration.
class ConfiguredSites : public SiteMap {
public:
    explicit ConfiguredSites(std::shared_ptr<const config::ServerConfiguration> configuration);

    std::shared_ptr<const UrlTarget> find(std::uint32_t site_id, std::string_view url_path) override;
    MappingCache* mappings() override { return &mappings_; }

private:
    std::shared_ptr<const config::ServerConfiguration> configuration_;
    config::ConfigurationCache cache_;
    const std::uint64_t number_;  ///< tells what a thread remembers of this object from what it remembers of another
    MappingCache mappings_;
};

}  // namespace osmia::worker
