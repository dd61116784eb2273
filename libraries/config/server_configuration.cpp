#include "config/server_configuration.h"

#include <algorithm>

#include "base/files.h"
#include "config/pool_configuration.h"
#include "config/pre_condition.h"
#include "config/proxy_settings.h"
#include "config/typed_reading.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

std::shared_ptr<const ServerIndex> index_of(const ServerConfiguration& configuration) {
    auto index = std::make_shared<ServerIndex>();
    for (std::size_t pool = 0; pool < configuration.pools.size(); ++pool) {
        index->pools.emplace(location_key(configuration.pools[pool].name), pool);
    }
    for (std::size_t site = 0; site < configuration.sites.size(); ++site) {
        index->sites.emplace(location_key(configuration.sites[site].name), site);
        index->site_ids.emplace(configuration.sites[site].id, site);
        for (const Application& application : configuration.sites[site].applications) {
            std::vector<std::size_t>& list = index->sites_of_pool[location_key(application.application_pool)];
            if (list.empty() || list.back() != site) list.push_back(site);
        }
    }
    return index;
}

/// An item by its place in an index; null when it is not there.
template <class Item, class Key>
const Item* look_up(const std::vector<Item>& items, const std::unordered_map<Key, std::size_t>& index, const Key& key) {
    const auto found = index.find(key);
    return found == index.end() || found->second >= items.size() ? nullptr : &items[found->second];
}

/// Of a pool's own part: a module whose preCondition does not hold for the pool is not mapped by its workers.
void drop_other_modules(ServerConfiguration& configuration) {
    if (configuration.pools.empty()) return;
    std::erase_if(configuration.global_modules, [&](const GlobalModule& module) {
        return !pre_condition_holds(module.pre_condition, configuration.pools.front());
    });
}

LoadedServerConfiguration load(std::string text, const std::string& name, bool pool_part) {
    LoadedServerConfiguration loaded;
    DiagnosticSink sink;
    XmlOptions options;
    options.line_instructions = pool_part;
    SourceReader sources;
    if (!pool_part && name.starts_with('/')) sources = [](const std::string& path) { return read_file(path, max_configuration_bytes); };
    auto xml = XmlDocument::parse(std::move(text), name, sink, options);
    if (xml != nullptr && xml->root().name == "configuration") {
        ServerConfiguration configuration;
        configuration.source = name;
        configuration.document = MachineDocument::load(std::move(xml), sink, !pool_part, sources);
        const SectionSet& sections = configuration.document->sections();
        const TypedReport report(*configuration.document, sink);
        configuration.pools = read_pools(sections, report);
        configuration.sites = read_sites(sections, report);
        configuration.index = index_of(configuration);
        configuration.web_limits = read_web_limits(sections);
        configuration.log_in_utf8 = view_of(sections, "system.applicationHost/log").flag("logInUTF8");
        configuration.listener_limits = read_listener_limits(sections);
        configuration.global_modules = read_global_modules(sections);
        const SectionView history = view_of(sections, "system.applicationHost/configHistory");
        configuration.history = {history.flag("enabled"), history.text("path"), history.number("maxHistories")};
        if (pool_part) drop_other_modules(configuration);
        read_certificates(sections, configuration, report);
        read_proxies(sections, configuration, report);
        read_application_settings(sections, configuration, report);
        if (!pool_part) check_references(configuration, report);
        loaded.configuration = std::move(configuration);
    } else if (xml != nullptr) {
        ConfigurationFile::read(std::move(xml), FileKind::Machine, builtin_schema(), sink);  // says what is wrong
    }
    if (sink.has_errors()) loaded.configuration.reset();
    loaded.diagnostics = sink.take();
    return loaded;
}

LoadedServerConfiguration unreadable(const std::string& path, const Error& error) {
    LoadedServerConfiguration loaded;
    const ErrorNumber number =
        error.kind == ErrorKind::NotFound ? ErrorNumber::PathNotFound : ErrorNumber::AccessDenied;
    loaded.diagnostics.push_back({path, 0, 0, Severity::Error, number, error.message, {}});
    return loaded;
}

}  // namespace

void TypedReport::add(const Place& place, Severity severity, ErrorNumber number, std::string message) const {
    const XmlDocument& document = document_.file().document();
    std::string source;
    if (place.file != nullptr) source = document.source_line_at(place);
    sink_.add({place.file != nullptr ? *place.file : document.name(), place.line, place.column, severity, number,
               std::move(message), std::move(source)});
}

void TypedReport::error(const Place& place, ErrorNumber number, std::string message) const {
    add(place, Severity::Error, number, std::move(message));
}

void TypedReport::missing(const Place& place, std::string message) const {
    if (!merge_failed_) error(place, ErrorNumber::BadData, std::move(message));
}

void TypedReport::warning(const Place& place, std::string message) const {
    add(place, Severity::Warning, ErrorNumber::None, std::move(message));
}

SectionView view_of(const SectionSet& sections, std::string_view section) {
    const SectionSchema* schema = sections.schema().find(section);
    OSMIA_CHECK(schema != nullptr, "code asks only for sections that the schema has");
    return SectionView(*schema->element).then(sections.state(*schema).node.get());
}

WebLimits read_web_limits(const SectionSet& sections) {
    const SectionView view = view_of(sections, "system.applicationHost/webLimits");
    WebLimits limits;
    limits.max_global_bandwidth = view.number("maxGlobalBandwidth");
    limits.connection_timeout = view.time("connectionTimeout");
    limits.demand_start_threshold = view.number("demandStartThreshold");
    limits.dynamic_idle_threshold = view.number("dynamicIdleThreshold");
    limits.header_wait_timeout = view.time("headerWaitTimeout");
    limits.min_bytes_per_second = view.number("minBytesPerSecond");
    limits.dynamic_registration_threshold = view.number("dynamicRegistrationThreshold");
    return limits;
}

ListenerLimits read_listener_limits(const SectionSet& sections) {
    const SectionView view = view_of(sections, "system.osmia/limits");
    ListenerLimits limits;
    limits.max_request_line = view.number("maxRequestLine");
    limits.max_header_bytes = view.number("maxHeaderBytes");
    limits.max_header_fields = view.number("maxHeaderFields");
    limits.max_url_segments = view.number("maxUrlSegments");
    limits.max_url_segment_length = view.number("maxUrlSegmentLength");
    limits.max_connections = view.number("maxConnections");
    limits.body_read_ahead = view.number("bodyReadAhead");
    limits.body_drain_bytes = view.number("bodyDrainBytes");
    limits.body_drain_timeout = view.time("bodyDrainTimeout");
    limits.header_timeout = view.time("headerTimeout");
    limits.body_timeout = view.time("bodyTimeout");
    limits.idle_timeout = view.time("idleTimeout");
    limits.queue_timeout = view.time("queueTimeout");
    return limits;
}

std::vector<GlobalModule> read_global_modules(const SectionSet& sections) {
    std::vector<GlobalModule> modules;
    const SectionNode* section = sections.node("system.webServer/globalModules");
    if (section == nullptr) return modules;
    for (const auto& item : section->items) {
        modules.push_back({item->text("name"), item->text("image"), item->text("preCondition")});
    }
    return modules;
}

const PoolConfiguration* ServerConfiguration::find_pool(std::string_view name) const {
    if (index != nullptr) return look_up(pools, index->pools, location_key(name));
    const auto found = std::find_if(pools.begin(), pools.end(), [&](const PoolConfiguration& pool) {
        return equals_ignoring_case(pool.name, name);
    });
    return found == pools.end() ? nullptr : &*found;
}

const SiteConfiguration* ServerConfiguration::find_site(std::string_view name) const {
    if (index != nullptr) return look_up(sites, index->sites, location_key(name));
    const auto found = std::find_if(sites.begin(), sites.end(), [&](const SiteConfiguration& site) {
        return equals_ignoring_case(site.name, name);
    });
    return found == sites.end() ? nullptr : &*found;
}

const SiteConfiguration* ServerConfiguration::find_site(std::uint32_t id) const {
    if (index != nullptr) return look_up(sites, index->site_ids, id);
    const auto found =
        std::find_if(sites.begin(), sites.end(), [&](const SiteConfiguration& site) { return site.id == id; });
    return found == sites.end() ? nullptr : &*found;
}

LoadedServerConfiguration load_server_configuration_text(std::string text, const std::string& name) {
    return load(std::move(text), name, false);
}

LoadedServerConfiguration load_server_configuration(const std::string& path) {
    auto text = read_file(path, max_configuration_bytes);
    if (!text.ok()) return unreadable(path, text.error());
    return load(std::move(text).value(), path, false);
}

LoadedServerConfiguration load_pool_configuration(std::string text, const std::string& name) {
    return load(std::move(text), name, true);
}

LoadedServerConfiguration load_pool_configuration_file(const std::string& path) {
    auto text = read_file(path, max_configuration_bytes);
    if (!text.ok()) return unreadable(path, text.error());
    return load(std::move(text).value(), path, true);
}

}  // namespace osmia::config
