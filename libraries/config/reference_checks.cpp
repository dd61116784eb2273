#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "config/binding_information.h"
#include "config/machine_document.h"
#include "config/nearest_name.h"
#include "config/typed_reading.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

/// The items behind the typed sites, for their places; the typed lists keep the items' order.
const SectionNode& site_item(const ServerConfiguration& configuration, std::size_t site) {
    return *configuration.document->sections().node("system.applicationHost/sites")->items[site];
}

void check_pools(const ServerConfiguration& configuration, const TypedReport& report) {
    std::set<std::string> known;
    std::vector<std::string> names;
    for (const PoolConfiguration& pool : configuration.pools) {
        known.insert(location_key(pool.name));
        names.push_back(pool.name);
    }
    for (std::size_t site = 0; site < configuration.sites.size(); ++site) {
        const auto& applications = configuration.sites[site].applications;
        for (std::size_t index = 0; index < applications.size(); ++index) {
            const std::string& pool = applications[index].application_pool;
            if (known.contains(location_key(pool))) continue;
            const SectionNode& item = *site_item(configuration, site).items[index];
            const Setting* setting = item.setting("applicationPool");
            report.missing(setting == nullptr ? item.place : setting->place,
                           fmt::format("there is no application pool '{}'{}", pool, suggestion(pool, names)));
        }
    }
}

std::string binding_key(const Binding& binding) { return format_binding_information(binding); }

/// Two sites on one binding, and two addresses for one socket path.
void check_bindings(const ServerConfiguration& configuration, const TypedReport& report) {
    std::unordered_map<std::string, std::size_t> owners;
    for (std::size_t site = 0; site < configuration.sites.size(); ++site) {
        for (const Binding& binding : configuration.sites[site].bindings) {
            if (!binding.is_unix() && binding.port == 0) continue;  // the system chooses: never the same
            const auto [owner, added] = owners.emplace(binding_key(binding), site);
            if (added) continue;
            const std::string& other = configuration.sites[owner->second].name;
            report.error(site_item(configuration, site).place, ErrorNumber::Duplicate,
                         owner->second == site
                             ? fmt::format("the site '{}' has the binding {} twice", other, owner->first)
                             : fmt::format("the binding {} of the site '{}' belongs to the site '{}' already",
                                           owner->first, configuration.sites[site].name, other));
        }
    }
}

/// One socket speaks one protocol; "*" also takes what comes to an address of its own.
void check_protocols(const ServerConfiguration& configuration, const TypedReport& report) {
    std::map<std::uint16_t, std::vector<const Binding*>> ports;
    for (std::size_t site = 0; site < configuration.sites.size(); ++site) {
        for (const Binding& binding : configuration.sites[site].bindings) {
            if (binding.is_unix() || binding.port == 0) continue;
            auto& others = ports[binding.port];
            const auto clashes = [&](const Binding* other) {
                const bool meet = other->address == binding.address || other->address == "*" || binding.address == "*";
                return meet && other->is_https() != binding.is_https();
            };
            const auto clash = std::find_if(others.begin(), others.end(), clashes);
            if (clash != others.end()) {
                report.error(site_item(configuration, site).place, ErrorNumber::Duplicate,
                             fmt::format("port {} cannot be http ({}) and https ({}) at once", binding.port,
                                         binding_key(binding.is_https() ? **clash : binding), binding_key(binding.is_https() ? binding : **clash)));
            }
            if (others.empty() || clash != others.end() || others.back()->address != binding.address) others.push_back(&binding);
        }
    }
}

/// A location that names no site is the trace of a renamed or deleted site: what it says protects nothing.
void check_locations(const ServerConfiguration& configuration, const TypedReport& report) {
    std::vector<std::string> names;
    std::set<std::string> known;
    for (const SiteConfiguration& site : configuration.sites) {
        names.push_back(site.name);
        known.insert(location_key(site.name));
    }
    for (const auto& [path, uses] : configuration.document->locations()) {
        if (known.contains(path.substr(0, path.find('/')))) continue;
        const std::string& written = uses.front().location->path;
        const std::string site = written.substr(0, written.find('/'));
        report.warning(uses.front().location->place,
                       fmt::format("the location '{}' names no site: there is none called '{}'{}", written, site,
                                   suggestion(site, names)));
    }
}

void check_modules(const ServerConfiguration& configuration, const TypedReport& report) {
    std::vector<std::string> names;
    for (const GlobalModule& module : configuration.global_modules) names.push_back(module.name);
    const SectionNode* modules = configuration.document->sections().node("system.webServer/modules");
    if (modules == nullptr) return;
    for (const auto& item : modules->items) {
        const std::string& name = item->text("name");
        if (!item->text("type").empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
        report.error(item->place, ErrorNumber::ModuleMissing,
                     fmt::format("the module '{}' is not in <globalModules>{}", name, suggestion(name, names)));
    }
}

}  // namespace

void read_application_settings(const SectionSet& sections, ServerConfiguration& configuration,
                               const TypedReport& report) {
    const SectionNode* section = sections.node("system.osmia/applicationSettings");
    if (section == nullptr) return;
    std::map<std::string, Application*, std::less<>> applications;
    std::vector<std::string> names;
    for (SiteConfiguration& site : configuration.sites) {
        for (Application& application : site.applications) {
            names.push_back(site.name + (application.path == "/" ? "" : application.path));
            applications[location_key(names.back())] = &application;
        }
    }
    for (const auto& item : section->items) {
        std::string path = item->text("path");
        while (path.ends_with('/')) path.pop_back();
        const auto found = applications.find(location_key(path));
        if (found == applications.end()) {
            report.warning(item->setting("path")->place,
                           fmt::format("there is no application '{}'{}", path, suggestion(path, names)));
            continue;
        }
        found->second->settings.execution_timeout = Milliseconds(item->value("executionTimeout").number);
        found->second->settings.replay = static_cast<Replay>(item->number("replay"));
    }
}

void check_references(const ServerConfiguration& configuration, const TypedReport& report) {
    check_pools(configuration, report);
    check_bindings(configuration, report);
    check_protocols(configuration, report);
    check_locations(configuration, report);
    check_modules(configuration, report);
}

}  // namespace osmia::config
