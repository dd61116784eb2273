#include "config/effective_sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/guards.h"
#include "config/pre_condition.h"
#include "config/section_view.h"
#include "config/typed_reading.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view part = text.substr(0, comma);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

Handler read_handler(const SectionNode& item) {
    Handler handler;
    handler.name = item.text("name");
    handler.path = item.text("path");
    handler.verb = item.text("verb");
    handler.verbs = split_list(handler.verb);
    if (std::find(handler.verbs.begin(), handler.verbs.end(), "*") != handler.verbs.end()) handler.verbs.clear();
    handler.type = item.text("type");
    handler.modules = split_list(item.text("modules"));
    handler.script_processor = item.text("scriptProcessor");
    handler.resource_type = static_cast<ResourceType>(item.number("resourceType"));
    handler.require_access = static_cast<RequireAccess>(item.number("requireAccess"));
    handler.allow_path_info = item.flag("allowPathInfo");
    handler.pre_condition = item.text("preCondition");
    handler.response_buffer_limit = item.number("responseBufferLimit");
    return handler;
}

std::shared_ptr<const HandlersSection> read_handlers(const SectionSet& sections, const PoolConfiguration& pool) {
    auto result = std::make_shared<HandlersSection>();
    const SectionView view = view_of(sections, "system.webServer/handlers");
    result->access_policy = view.number("accessPolicy");
    for (const SectionNode* item : view.items()) {
        Handler handler = read_handler(*item);
        if (pre_condition_holds(handler.pre_condition, pool)) result->handlers.push_back(std::move(handler));
    }
    return result;
}

/// Managed modules that run for managed handlers only are stepped over, as Osmia runs no managed handler.
std::shared_ptr<const ModulesSection> read_modules(const SectionSet& sections, const PoolConfiguration& pool) {
    auto result = std::make_shared<ModulesSection>();
    for (const SectionNode* item : view_of(sections, "system.webServer/modules").items()) {
        if (!item->text("type").empty() || !pre_condition_holds(item->text("preCondition"), pool)) continue;
        result->modules.push_back({item->text("name"), item->text("preCondition")});
    }
    return result;
}

std::shared_ptr<const DefaultDocumentSection> read_default_document(const SectionSet& sections,
                                                                    const PoolConfiguration&) {
    auto result = std::make_shared<DefaultDocumentSection>();
    const SectionView view = view_of(sections, "system.webServer/defaultDocument");
    result->enabled = view.flag("enabled");
    for (const SectionNode* item : view.child("files").items()) result->files.push_back(item->text("value"));
    return result;
}

std::shared_ptr<const StaticContentSection> read_static_content(const SectionSet& sections, const PoolConfiguration&) {
    auto result = std::make_shared<StaticContentSection>();
    const SectionView view = view_of(sections, "system.webServer/staticContent");
    const SectionView cache = view.child("clientCache");
    result->cache_control_mode = cache.choice<CacheControlMode>("cacheControlMode");
    result->cache_control_max_age = cache.time("cacheControlMaxAge");
    result->http_expires = cache.text("httpExpires");
    result->cache_control_custom = cache.text("cacheControlCustom");
    result->set_etag = cache.flag("setEtag");
    if (const SectionNode* node = sections.node("system.webServer/staticContent")) {
        for (const auto& item : node->items) {
            result->mime_types[lower_case(item->text("fileExtension"))] = item->text("mimeType");
        }
    }
    return result;
}

std::shared_ptr<const IsapiCgiRestrictionSection> read_restriction(const SectionSet& sections,
                                                                   const PoolConfiguration&) {
    auto result = std::make_shared<IsapiCgiRestrictionSection>();
    const SectionView view = view_of(sections, "system.webServer/security/isapiCgiRestriction");
    result->not_listed_isapis_allowed = view.flag("notListedIsapisAllowed");
    result->not_listed_cgis_allowed = view.flag("notListedCgisAllowed");
    for (const SectionNode* item : view.items()) {
        result->items.push_back(
            {item->text("path"), item->flag("allowed"), item->text("groupId"), item->text("description")});
    }
    return result;
}

std::shared_ptr<const DirectoryBrowseSection> read_directory_browse(const SectionSet& sections,
                                                                    const PoolConfiguration&) {
    const SectionView view = view_of(sections, "system.webServer/directoryBrowse");
    return std::make_shared<DirectoryBrowseSection>(
        DirectoryBrowseSection{view.flag("enabled"), view.number("showFlags")});
}

std::shared_ptr<const ServerRuntimeSection> read_server_runtime(const SectionSet& sections, const PoolConfiguration&) {
    auto result = std::make_shared<ServerRuntimeSection>();
    const SectionView view = view_of(sections, "system.webServer/serverRuntime");
    result->enabled = view.flag("enabled");
    result->app_concurrent_request_limit = view.number("appConcurrentRequestLimit");
    result->max_request_entity_allowed = view.number("maxRequestEntityAllowed");
    result->upload_read_ahead_size = view.number("uploadReadAheadSize");
    result->alternate_host_name = view.text("alternateHostName");
    result->frequent_hit_threshold = view.number("frequentHitThreshold");
    result->frequent_hit_time_period = view.time("frequentHitTimePeriod");
    return result;
}

ConfigurationError error_at(const SectionSet& sections, const Place& place, ErrorNumber number, std::string message) {
    ConfigurationError error{number, std::move(message), *place.file, place.line, {}};
    const SectionState& state = sections.state(*sections.schema().find("system.webServer/modules"));
    if (state.document != nullptr) error.source_line = state.document->source_line_at(place);
    return error;
}

std::optional<ConfigurationError> check_modules(const SectionSet& sections, const PoolConfiguration& pool) {
    const SectionNode* modules = sections.node("system.webServer/modules");
    if (modules == nullptr) return std::nullopt;
    const SectionNode* images = sections.node("system.webServer/globalModules");
    const auto is_provided = [&](const std::string& name) {
        return images != nullptr && std::any_of(images->items.begin(), images->items.end(),
                                                [&](const auto& item) {
                                                    return item->text("name") == name &&
                                                           pre_condition_holds(item->text("preCondition"), pool);
                                                });
    };
    const bool for_all = modules->flag("runAllManagedModulesForAllRequests");
    for (const auto& item : modules->items) {
        const std::string& conditions = item->text("preCondition");
        if (!pre_condition_holds(conditions, pool)) continue;
        const std::string& name = item->text("name");
        if (item->text("type").empty()) {
            if (is_provided(name)) continue;
            return error_at(sections, item->place, ErrorNumber::ModuleMissing,
                            fmt::format("the module '{}' is not in <globalModules>", name));
        }
        if (has_pre_condition(conditions, "managedHandler") && !for_all) continue;
        return error_at(sections, item->place, ErrorNumber::NotSupported,
                        fmt::format("the managed module '{}' would see every request, and Osmia has no host for it", name));
    }
    return std::nullopt;
}

std::optional<ConfigurationError> check_guards(const SectionSet& sections) {
    const std::vector<GuardFinding> findings = guard_findings(sections);
    if (findings.empty()) return std::nullopt;
    const GuardFinding& first = findings.front();
    return to_error(
        first.document->diagnostic(first.offset, Severity::Error, ErrorNumber::NotSupported, first.message));
}

}  // namespace

ConfigurationError to_error(const Diagnostic& diagnostic) {
    return {diagnostic.number, diagnostic.message, diagnostic.file, diagnostic.line, diagnostic.source_line};
}

std::optional<ConfigurationError> fill_sections(EffectiveConfiguration& result, const SectionSet& sections,
                                                const PoolConfiguration& pool, const EffectiveConfiguration* above,
                                                const SectionSet* above_sections) {
    const auto fill = [&](auto member, std::string_view section, auto read) {
        const bool same = above != nullptr && above_sections != nullptr &&
                          sections.node(section) == above_sections->node(section);
        result.*member = same ? above->*member : read(sections, pool);
    };
    fill(&EffectiveConfiguration::handlers, "system.webServer/handlers", &read_handlers);
    fill(&EffectiveConfiguration::modules, "system.webServer/modules", &read_modules);
    fill(&EffectiveConfiguration::default_document, "system.webServer/defaultDocument", &read_default_document);
    fill(&EffectiveConfiguration::static_content, "system.webServer/staticContent", &read_static_content);
    fill(&EffectiveConfiguration::isapi_cgi_restriction, "system.webServer/security/isapiCgiRestriction",
         &read_restriction);
    fill(&EffectiveConfiguration::directory_browse, "system.webServer/directoryBrowse", &read_directory_browse);
    fill(&EffectiveConfiguration::server_runtime, "system.webServer/serverRuntime", &read_server_runtime);
    result.sections = std::make_shared<const SectionSet>(sections);
    if (auto error = check_guards(sections)) return error;
    return check_modules(sections, pool);
}

const std::string* StaticContentSection::mime_type(std::string_view file_name) const {
    const std::string_view name = file_name.substr(file_name.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    const auto found = mime_types.find(dot == std::string_view::npos ? "." : lower_case(name.substr(dot)));
    if (found != mime_types.end()) return &found->second;
    const auto any = mime_types.find(".*");
    return any == mime_types.end() ? nullptr : &any->second;
}

bool IsapiCgiRestrictionSection::isapi_allowed(std::string_view image) const {
    const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.path == image; });
    return found == items.end() ? not_listed_isapis_allowed : found->allowed;
}

bool IsapiCgiRestrictionSection::cgi_allowed(std::string_view command) const {
    for (const std::string_view text : {command, command.substr(0, command.find(' '))}) {
        const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.path == text; });
        if (found != items.end()) return found->allowed;
    }
    return not_listed_cgis_allowed;
}

}  // namespace osmia::config
