/// \file
/// Where a URL leads on this worker: site, application, virtual directory, configuration.
#pragma once

#include <functional>
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
    /// site.
    virtual UrlTarget find(std::uint32_t site_id, std::string_view url_path) = 0;
    /// Null: every request looks at the files.
    virtual MappingCache* mappings() { return nullptr; }
    /// Whether a copy of this file is kept, so that it counts as there while it is being replaced.
    virtual bool has_copy(const std::string&) { return false; }
};

/// SiteMap over a loaded pool configuration.
class ConfiguredSites : public SiteMap {
public:
    explicit ConfiguredSites(std::shared_ptr<const config::ServerConfiguration> configuration)
        : configuration_(std::move(configuration)), cache_(configuration_) {}

    UrlTarget find(std::uint32_t site_id, std::string_view url_path) override;
    MappingCache* mappings() override { return &mappings_; }
    bool has_copy(const std::string& file) override { return has_copy_ && has_copy_(file); }
    void set_copies(std::function<bool(const std::string&)> has_copy) { has_copy_ = std::move(has_copy); }

private:
    std::shared_ptr<const config::ServerConfiguration> configuration_;
    config::ConfigurationCache cache_;
    MappingCache mappings_;
    std::function<bool(const std::string&)> has_copy_;
};

}  // namespace osmia::worker
