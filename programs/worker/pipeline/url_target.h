/// \file
/// Where a URL leads on this worker: site, application, virtual directory, configuration.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/configuration_cache.h"
#include "config/effective_configuration.h"
#include "config/server_configuration.h"
#include "config/url_mapping.h"

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
    /// site.
    virtual UrlTarget find(std::uint32_t site_id, std::string_view url_path) = 0;
};

/// SiteMap over a loaded pool configuration.
class ConfiguredSites : public SiteMap {
public:
    explicit ConfiguredSites(std::shared_ptr<const config::ServerConfiguration> configuration)
        : configuration_(std::move(configuration)), cache_(configuration_) {}

    UrlTarget find(std::uint32_t site_id, std::string_view url_path) override;

private:
    std::shared_ptr<const config::ServerConfiguration> configuration_;
    config::ConfigurationCache cache_;
};

}  // namespace osmia::worker
