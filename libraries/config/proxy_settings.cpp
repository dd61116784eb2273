#include "config/proxy_settings.h"

#include <algorithm>

#include "base/network_prefix.h"
#include "config/binding_information.h"
#include "config/nearest_name.h"

namespace osmia::config {

namespace {

std::vector<std::string> known_bindings(const ServerConfiguration& configuration) {
    std::vector<std::string> names;
    for (const SiteConfiguration& site : configuration.sites) {
        for (const Binding& binding : site.bindings) names.push_back(format_binding_information(binding));
    }
    return names;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view part = text.substr(0, comma);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.emplace_back(part);
    }
    return parts;
}

}  // namespace

void read_proxies(const SectionSet& sections, ServerConfiguration& configuration, const TypedReport& report) {
    const SectionNode* section = sections.node("system.osmia/proxies");
    if (section == nullptr) return;
    const auto known = known_bindings(configuration);
    for (const auto& item : section->items) {
        const Place& place = item->setting("binding")->place;
        const auto binding = parse_binding_information(item->text("binding"));
        if (!binding.ok()) {
            report.error(place, ErrorNumber::BadData, binding.error().message);
            continue;
        }
        ProxySettings settings;
        settings.binding = format_binding_information(binding.value());
        if (std::find(known.begin(), known.end(), settings.binding) == known.end()) {
            report.warning(place, fmt::format("no site has the binding '{}'{}", settings.binding, suggestion(settings.binding, known)));
        }
        settings.trusted = split_list(item->text("trusted"));
        settings.proxy_protocol = item->flag("proxyProtocol");
        settings.forwarded_for = item->flag("forwardedFor");
        for (const auto& one : settings.trusted) {
            if (NetworkPrefix::parse(one)) continue;
            report.error(item->setting("trusted")->place, ErrorNumber::BadData,
                         fmt::format("'{}' is no address and no ADDRESS/BITS", one));
        }
        configuration.proxies.push_back(std::move(settings));
    }
}

}  // namespace osmia::config
