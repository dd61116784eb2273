// Sites, applications, virtual directories, pools and modules: the verbs of ConfigurationEditor that know them.
#include <algorithm>
#include <limits>

#include "config/machine_document.h"
#include "config/url_mapping.h"
#include "osmia/configuration_editor.h"

namespace osmia::command {

using namespace config;

namespace {

const SectionSchema& section_named(const char* path) {
    const SectionSchema* section = builtin_schema().find(path);
    OSMIA_CHECK(section != nullptr, "the schema has the sections of its own verbs");
    return *section;
}

const SectionSchema& sites_section() { return section_named("system.applicationHost/sites"); }
const SectionSchema& pools_section() { return section_named("system.applicationHost/applicationPools"); }

/// Takes a setting out of the list.
std::optional<std::string> take(Settings& settings, std::string_view name) {
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const auto& one) { return one.first == name; });
    if (found == settings.end()) return std::nullopt;
    std::string value = std::move(found->second);
    settings.erase(found);
    return value;
}

bool is_dotted(const std::pair<std::string, std::string>& setting) { return setting.first.find('.') != std::string::npos; }

Change addition(std::vector<ChangeStep> steps, AttributeList attributes) {
    Change change;
    change.kind = Change::Kind::Add;
    change.steps = std::move(steps);
    change.steps.push_back({{}, std::move(attributes)});
    return change;
}

/// "http/*:80:host,http/[::1]:81:" as items; IIS separates them by commas and the protocol by a slash.
Result<std::vector<AttributeList>> binding_items(std::string_view list) {
    std::vector<AttributeList> items;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        const std::size_t slash = one.find_first_of("/:");
        if (slash == std::string_view::npos) {
            return make_error(ErrorKind::Invalid, "'{}' is no binding; give PROTOCOL/IP:PORT:HOST, for example http/*:80:", one);
        }
        std::string information(one.substr(slash + 1));
        // "http://host:port" is how many write it.
        if (one.substr(slash).starts_with("://")) {
            const std::string_view address = one.substr(slash + 3);
            const std::size_t colon = address.rfind(':');
            const std::string_view host = address.substr(0, colon);
            const std::string_view port = colon == std::string_view::npos ? "80" : address.substr(colon + 1);
            information = fmt::format("*:{}:{}", port, host == "*" ? "" : host);
        }
        items.push_back({{"protocol", std::string(one.substr(0, slash))}, {"bindingInformation", std::move(information)}});
    }
    return items;
}

/// The dotted settings below \a steps as changes.
Result<void> add_dotted(std::vector<Change>& changes, const std::vector<ChangeStep>& steps, const Settings& settings) {
    for (const auto& setting : settings) {
        if (!is_dotted(setting)) continue;
        Change change = OSMIA_TRY(parse_change(setting.first + '=' + setting.second, '='));
        change.steps.insert(change.steps.begin(), steps.begin(), steps.end());
        changes.push_back(std::move(change));
    }
    return {};
}

AttributeList plain(const Settings& settings) {
    AttributeList list;
    std::copy_if(settings.begin(), settings.end(), std::back_inserter(list), [](const auto& one) { return !is_dotted(one); });
    return list;
}

std::vector<ChangeStep> below(std::vector<ChangeStep> steps, ChangeStep step) {
    steps.push_back(std::move(step));
    return steps;
}

/// One more than the greatest, as IIS counts.
std::string next_id(const ServerConfiguration& configuration) {
    std::uint64_t greatest = 0;
    for (const SiteConfiguration& site : configuration.sites) greatest = std::max<std::uint64_t>(greatest, site.id);
    return std::to_string(greatest < std::numeric_limits<std::uint32_t>::max() ? greatest + 1 : greatest);
}

}  // namespace

Result<void> ConfigurationEditor::add_site(Settings settings) {
    const auto bindings = take(settings, "bindings");
    const auto folder = take(settings, "physicalPath");
    const auto name = take(settings, "name");
    if (!name) return make_error(ErrorKind::Invalid, "a site needs a name");
    const auto items = OSMIA_TRY(binding_items(bindings.value_or("")));
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        AttributeList attributes{{"name", *name}, {"id", take(settings, "id").value_or(next_id(before))}};
        for (auto& one : plain(settings)) attributes.push_back(std::move(one));
        const std::vector<ChangeStep> site{{{}, {{"name", *name}}}};
        std::vector<Change> changes{addition({}, std::move(attributes))};
        changes.push_back(addition(site, {{"path", "/"}}));
        if (folder) {
            changes.push_back(addition(below(site, {{}, {{"path", "/"}}}), {{"path", "/"}, {"physicalPath", *folder}}));
        }
        for (const AttributeList& item : items) changes.push_back(addition(below(site, {"bindings", {}}), item));
        OSMIA_TRY_VOID(add_dotted(changes, site, settings));
        return apply_changes(edit, {&sites_section(), {}, true}, changes, nullptr);
    });
}

Result<void> ConfigurationEditor::add_application(const std::string& name, Settings settings) {
    const auto [site_name, path] = split_path(name);
    const auto folder = take(settings, "physicalPath");
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        const auto site = OSMIA_TRY(steps_to(before, "site", site_name));
        AttributeList attributes{{"path", path}};
        for (auto& one : plain(settings)) attributes.push_back(std::move(one));
        std::vector<Change> changes{addition(site, std::move(attributes))};
        const auto application = below(site, {{}, {{"path", path}}});
        if (folder) changes.push_back(addition(application, {{"path", "/"}, {"physicalPath", *folder}}));
        OSMIA_TRY_VOID(add_dotted(changes, application, settings));
        return apply_changes(edit, {&sites_section(), {}, true}, changes, nullptr);
    });
}

Result<void> ConfigurationEditor::add_directory(const std::string& name, Settings settings) {
    const auto [site_name, path] = split_path(name);
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        const auto site = OSMIA_TRY(steps_to(before, "site", site_name));
        const UrlMapping mapping = map_url(*before.find_site(site_name), path);
        const std::string application = mapping.application->path;
        std::string directory = application == "/" ? path : path.substr(application.size());
        AttributeList attributes{{"path", directory.empty() ? "/" : directory}};
        for (auto& one : plain(settings)) attributes.push_back(std::move(one));
        return apply_changes(edit, {&sites_section(), {}, true}, {addition(below(site, {{}, {{"path", application}}}), std::move(attributes))}, nullptr);
    });
}

Result<void> ConfigurationEditor::add_pool(const std::string& name, const Settings& settings) {
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration&) -> Result<void> {
        AttributeList attributes{{"name", name}};
        for (auto& one : plain(settings)) attributes.push_back(std::move(one));
        std::vector<Change> changes{addition({}, std::move(attributes))};
        OSMIA_TRY_VOID(add_dotted(changes, {{{}, {{"name", name}}}}, settings));
        return apply_changes(edit, {&pools_section(), {}, true}, changes, nullptr);
    });
}

Result<void> ConfigurationEditor::add_module(const std::string& name, Settings settings) {
    const auto image = take(settings, "image");
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        const SectionSchema& images = section_named("system.webServer/globalModules");
        const SectionSchema& modules = section_named("system.webServer/modules");
        const auto inherited = [&](const SectionSchema& section) {
            const bool own = find_section(edit, {&section, {}, true}).has_value();
            return own ? nullptr : before.document->sections().node(section.path);
        };
        AttributeList attributes{{"name", name}};
        for (const auto& one : settings) attributes.push_back(one);
        if (image) {
            AttributeList global{{"name", name}, {"image", *image}};
            for (const auto& one : settings) {
                if (one.first == "preCondition") global.push_back(one);
            }
            OSMIA_TRY_VOID(apply_changes(edit, {&images, {}, true}, {addition({}, std::move(global))}, inherited(images)));
        }
        return apply_changes(edit, {&modules, {}, true}, {addition({}, std::move(attributes))}, inherited(modules));
    });
}

Result<void> ConfigurationEditor::set(const std::string& kind, const std::string& name, const std::vector<Change>& given) {
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        if (kind == "module") {
            std::vector<Change> changes = given;
            for (Change& change : changes) change.steps.insert(change.steps.begin(), ChangeStep{{}, {{"name", name}}});
            const bool of_image = !given.empty() && given.front().attribute == "image";
            const SectionSchema& section = section_named(of_image ? "system.webServer/globalModules" : "system.webServer/modules");
            const bool own = find_section(edit, {&section, {}, true}).has_value();
            return apply_changes(edit, {&section, {}, true}, changes, own ? nullptr : before.document->sections().node(section.path));
        }
        const auto steps = OSMIA_TRY(steps_to(before, kind, name));
        std::vector<Change> changes;
        for (Change change : given) {
            auto at = steps;
            const bool plain_name = change.steps.empty() && change.kind == Change::Kind::Set;
            if (plain_name && change.attribute == "bindings" && kind == "site") {
                for (const Binding& binding : before.find_site(name)->bindings) {
                    Change removal;
                    removal.kind = Change::Kind::Remove;
                    removal.steps = below(below(at, {"bindings", {}}), {{}, {{"protocol", binding.protocol}}});
                    changes.push_back(std::move(removal));
                }
                for (const AttributeList& item : OSMIA_TRY(binding_items(change.value))) changes.push_back(addition(below(at, {"bindings", {}}), item));
                continue;
            }
            if (plain_name && change.attribute == "physicalPath" && kind == "site") at.push_back({{}, {{"path", "/"}}});
            if (plain_name && change.attribute == "physicalPath" && kind != "vdir") at.push_back({{}, {{"path", "/"}}});
            change.steps.insert(change.steps.begin(), at.begin(), at.end());
            changes.push_back(std::move(change));
        }
        return apply_changes(edit, {kind == "pool" ? &pools_section() : &sites_section(), {}, true}, changes, nullptr);
    });
}

Result<void> ConfigurationEditor::remove(const std::string& kind, const std::string& name) {
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        Change removal;
        removal.kind = Change::Kind::Remove;
        if (kind == "module") {
            removal.steps = {{{}, {{"name", name}}}};
            bool removed = false;
            for (const char* path : {"system.webServer/modules", "system.webServer/globalModules"}) {
                const SectionSchema& section = section_named(path);
                const SectionNode* node = before.document->sections().node(path);
                const bool there = node != nullptr && std::any_of(node->items.begin(), node->items.end(), [&](const auto& item) { return item->text("name") == name; });
                if (!there) continue;
                removed = true;
                OSMIA_TRY_VOID(apply_changes(edit, {&section, {}, true}, {removal}, node));
            }
            if (removed) return {};
            return make_error(ErrorKind::NotFound, "there is no module '{}'", name);
        }
        removal.steps = OSMIA_TRY(steps_to(before, kind, name));
        return apply_changes(edit, {kind == "pool" ? &pools_section() : &sites_section(), {}, true}, {removal}, nullptr);
    });
}

}  // namespace osmia::command
