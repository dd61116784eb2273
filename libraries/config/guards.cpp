#include "config/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osmia::config {
namespace {

bool is_default(const SectionNode& node) {
    for (std::size_t index = 0; index < node.settings.size(); ++index) {
        if (node.settings[index] && node.settings[index]->value != node.schema->attributes[index].default_value) {
            return false;
        }
    }
    // What is shipped was not asked for by anybody.
    if (!std::all_of(node.items.begin(), node.items.end(), [](const auto& item) { return item->shipped; })) return false;
    return std::all_of(node.children.begin(), node.children.end(),
                       [](const auto& child) { return child == nullptr || is_default(*child); });
}

bool is_off(const SectionNode& node) { return !node.flag("enabled"); }

/// Everyone is allowed and nobody denied.
bool allows_everyone(const SectionNode& node) {
    bool allowed = false;
    for (const auto& item : node.items) {
        constexpr std::uint32_t deny = 1;
        if (item->number("accessType") == deny) return false;
        if (item->text("users") == "*" && item->text("verbs").empty()) allowed = true;
    }
    return allowed;
}

bool denies_no_address(const SectionNode& node) {
    return node.flag("allowUnlisted") && std::all_of(node.items.begin(), node.items.end(),
                                                     [](const auto& item) { return item->flag("allowed"); });
}

bool denies_no_rate(const SectionNode& node) {
    if (node.flag("enableLoggingOnlyMode")) return true;
    return std::all_of(node.children.begin(), node.children.end(),
                       [](const auto& child) { return child == nullptr || is_off(*child); });
}

bool has_no_active_filter(const SectionNode& node) {
    return std::none_of(node.items.begin(), node.items.end(), [](const auto& item) { return item->flag("enabled"); });
}

/// An application that is off must not serve, and a limit on request bodies must not be passed over.
bool serves_any_body(const SectionNode& node) {
    constexpr std::uint32_t unlimited = 0xffffffff;
    return node.flag("enabled") && node.number("maxRequestEntityAllowed") == unlimited;
}

struct Rule {
    std::string_view section;  ///< below system.webServer/
    bool (*harmless)(const SectionNode&);
};

constexpr std::array rules{
    Rule{"security/access", [](const SectionNode& node) { return node.number("sslFlags") == 0; }},
    Rule{"security/authentication/basicAuthentication", &is_off},
    Rule{"security/authentication/clientCertificateMappingAuthentication", &is_off},
    Rule{"security/authentication/digestAuthentication", &is_off},
    Rule{"security/authentication/iisClientCertificateMappingAuthentication", &is_off},
    Rule{"security/authentication/windowsAuthentication", &is_off},
    Rule{"security/authorization", &allows_everyone},
    Rule{"security/ipSecurity", &denies_no_address},
    Rule{"security/dynamicIpSecurity", &denies_no_rate},
    Rule{"isapiFilters", &has_no_active_filter},
    Rule{"serverRuntime", &serves_any_body},
};

const Rule* find_rule(const SectionSchema& section) {
    constexpr std::string_view group = "system.webServer/";
    const std::string_view name = std::string_view(section.path).substr(std::min(group.size(), section.path.size()));
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.section == name; });
    return found == rules.end() ? nullptr : &*found;
}

/// Sections that a module enforces: where the module does not run, they guard as if it did not exist.
struct EnforcedSection {
    std::string_view section;  ///< below system.webServer/
    std::string_view module;
};
constexpr std::array enforced_sections{
    EnforcedSection{"security/requestFiltering", "RequestFilteringModule"},
};

/// A preCondition may not hold for the pool, so an entry with one is not relied on.
bool runs(const SectionSet& sections, std::string_view module) {
    const SectionNode* modules = sections.node("system.webServer/modules");
    return modules != nullptr && std::any_of(modules->items.begin(), modules->items.end(), [&](const auto& item) {
        return item->text("name") == module && item->text("type").empty() && item->text("preCondition").empty();
    });
}

/// The module that enforces a section; empty when there is none.
std::string_view enforcer(const SectionSchema& section) {
    for (const EnforcedSection& enforced : enforced_sections) {
        if (section.path.ends_with(enforced.section)) return enforced.module;
    }
    return {};
}

/// A guard without a rule of its own is harmless only in its default state; another section with a rule guards too.
bool is_harmless(const SectionSchema& section, const SectionNode& node) {
    if (const Rule* rule = find_rule(section)) return rule->harmless(node);
    if (section.status != SectionStatus::Guard) return true;
    return section.opaque ? node.opaque_elements == 0 : is_default(node);
}

}  // namespace

std::vector<GuardFinding> guard_findings(const SectionSet& sections) {
    std::vector<GuardFinding> findings;
    for (const SectionSchema& section : sections.schema().sections()) {
        const SectionState& state = sections.state(section);
        if (state.node == nullptr || state.document == nullptr || is_harmless(section, *state.node)) continue;
        const std::string_view module = enforcer(section);
        if (!module.empty() && runs(sections, module)) continue;
        const std::string reason =
            module.empty() ? std::string("Osmia cannot do yet") : fmt::format("{} does, and it is not in <modules>", module);
        findings.push_back({&section, state.document, state.offset,
                            fmt::format("<{}> would refuse or authenticate requests, which {}; rather than let everyone "
                                        "in, URLs under it answer 500.19",
                                        section.path, reason)});
    }
    return findings;
}

}  // namespace osmia::config
