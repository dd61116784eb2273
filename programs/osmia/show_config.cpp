#include "osmia/show_config.h"

#include <algorithm>
#include <charconv>

#include "config/configuration_cache.h"
#include "config/effective_values.h"
#include "config/machine_document.h"
#include "config/nearest_name.h"
#include "config/url_mapping.h"

namespace osmia::command {

using namespace config;

namespace {

/// How well a binding fits a host and port: 0 not at all.
int fit(const Binding& binding, const std::string& host, unsigned port) {
    if (binding.is_unix() || binding.port != port) return 0;
    if (binding.host.empty()) return binding.address == host ? 2 : 1;
    if (equals_ignoring_case(binding.host, host)) return 4;
    const bool wild = binding.host.starts_with("*.") && host.size() > binding.host.size() - 1 &&
                      equals_ignoring_case(std::string_view(host).substr(host.size() - binding.host.size() + 1), binding.host.substr(1));
    return wild ? 3 : 0;
}

Result<ConfigurationPath> find_url(const ServerConfiguration& configuration, const std::string& text) {
    const bool secure = text.starts_with("https://");
    const std::size_t begin = text.find("//") + 2;
    const std::size_t slash = std::min(text.find('/', begin), text.size());
    std::string host = text.substr(begin, slash - begin);
    unsigned port = secure ? 443 : 80;
    const std::size_t colon = host.rfind(':');
    if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
        std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
        host.erase(colon);
    }
    const SiteConfiguration* best = nullptr;
    int best_fit = 0;
    for (const SiteConfiguration& site : configuration.sites) {
        for (const Binding& binding : site.bindings) {
            const int now = fit(binding, host, port);
            if (now <= best_fit) continue;
            best_fit = now;
            best = &site;
        }
    }
    if (best == nullptr) return make_error(ErrorKind::NotFound, "no site has a binding for {}", text);
    const std::string path = text.substr(slash, text.find_first_of("?#", slash) - slash);
    return ConfigurationPath{best->name, path.empty() ? "/" : path};
}

/// One line of the listing.
struct Line {
    std::string text;
    std::string origin;
};

bool is_set(const EffectiveValue& value) { return value.place.file != nullptr; }

/// An element and what it holds, indented; items carry their own place.
std::vector<Line> lines_of(const std::vector<EffectiveValue>& values, const std::string& section, bool all, bool closed) {
    std::vector<Line> lines;
    std::string element = section;
    for (const EffectiveValue& value : values) {
        if (!all && !is_set(value)) continue;
        const auto depth = std::count(value.element.begin(), value.element.end(), '/') - std::count(section.begin(), section.end(), '/');
        const std::string indentation(static_cast<std::size_t>(depth) * 2 + 2, ' ');
        if (value.element != element) {
            element = value.element;
            const std::string name = element.substr(std::min(section.size() + 1, element.size()));
            lines.push_back({indentation.substr(2) + name, value.attribute.empty() ? value.origin() : std::string()});
        }
        const bool in_selector = value.element.find("@" + value.attribute + "=", value.element.rfind('/')) != std::string::npos;
        if (value.attribute.empty() || in_selector) continue;
        const char* lock = value.locked && !closed ? "  (locked)" : "";
        lines.push_back({fmt::format("{}{}=\"{}\"{}", indentation, value.attribute, value.value, lock), value.origin()});
    }
    return lines;
}

std::string text_of(const std::vector<Line>& lines) {
    constexpr std::size_t Widest = 60;
    std::size_t width = 0;
    for (const Line& line : lines) width = std::max(width, std::min(line.text.size(), Widest));
    std::string text;
    for (const Line& line : lines) {
        text += line.text;
        if (!line.origin.empty()) text += std::string(width - std::min(line.text.size(), width) + 2, ' ') + line.origin;
        text += '\n';
    }
    return text;
}

Result<std::vector<const SectionSchema*>> sections_named(const std::string& name) {
    std::vector<const SectionSchema*> list;
    std::vector<std::string> names;
    for (const SectionSchema& section : builtin_schema().sections()) {
        names.push_back(section.path);
        const bool below = section.path.starts_with(name + '/');
        const bool short_name = section.path == "system.webServer/" + name || section.path == "system.applicationHost/" + name;
        if (name.empty() || section.path == name || below || short_name) list.push_back(&section);
    }
    if (list.empty()) return make_error(ErrorKind::NotFound, "there is no section '{}'{}", name, suggestion("system.webServer/" + name, names));
    return list;
}

}  // namespace

Result<ConfigurationPath> find_path(const ServerConfiguration& configuration, const std::string& text) {
    if (text.starts_with("http://") || text.starts_with("https://")) return find_url(configuration, text);
    auto [name, below] = split_path(text);
    if (const SiteConfiguration* site = configuration.find_site(name)) return ConfigurationPath{site->name, below};
    std::vector<std::string> names;
    for (const SiteConfiguration& site : configuration.sites) names.push_back(site.name);
    return make_error(ErrorKind::NotFound, "there is no site '{}'{}", name, suggestion(name, names));
}

Result<std::string> show_configuration(const ConfigurationEditor& editor, const std::vector<std::string>& words, bool effective) {
    auto configuration = std::make_shared<const ServerConfiguration>(OSMIA_TRY(editor.load()));
    std::string section;
    ConfigurationPath path;
    if (!words.empty()) {
        const auto named = sections_named(words.back());
        if (named.ok()) section = words.back();
        if (words.size() > 1 && !named.ok()) return named.error();
        if (words.size() > 1 || !named.ok()) path = OSMIA_TRY(find_path(*configuration, words.front()));
    }
    std::shared_ptr<const SectionSet> sections(configuration, &configuration->document->sections());
    std::string text;
    ConfigurationCache cache(configuration);
    if (!path.site.empty()) {
        const auto id = configuration->find_site(path.site)->id;
        sections = cache.sections(id, path.below);
        if (sections == nullptr) return make_error(ErrorKind::Invalid, "'{}' is no path of a URL", path.below);
        if (const auto found = cache.find(id, path.below); found->error) {
            text += fmt::format("500.19 here: {}:{}: {} (0x{:08x})\n\n", found->error->file, found->error->line, found->error->message,
                                static_cast<unsigned>(found->error->number));
        }
    }
    for (const SectionSchema* one : OSMIA_TRY(sections_named(section))) {
        if (!path.site.empty() && one->path.starts_with("system.applicationHost/")) continue;
        const SectionState& state = sections->state(*one);
        if (state.node == nullptr && !effective) continue;
        if (!effective && state.node->place.file != nullptr && state.node->place.file->ends_with("applicationHost.config.default")) continue;
        const auto lines = lines_of(effective_values(*sections, *one), one->path, effective, state.denied.has_value());
        if (lines.empty()) continue;
        text += one->path + (state.denied ? "  (locked for web.config)" : "") + '\n' + text_of(lines) + '\n';
    }
    return text.empty() ? "Nothing is set here; --effective shows the defaults.\n" : text;
}

}  // namespace osmia::command
