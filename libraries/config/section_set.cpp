#include "config/section_set.h"

#include <fmt/format.h>

#include "base/result.h"
#include "config/section_merge.h"

namespace osmia::config {
namespace {

/// Locks of the schema itself lie below every file.
constexpr int schema_level = -1;

Diagnostic finding(const SectionUse& use, Severity severity, ErrorNumber number, std::string message) {
    return use.document->diagnostic(use.element->begin, severity, number, std::move(message));
}

std::string describe_lock(const SectionSchema& section, const Lock& lock) {
    if (lock.level == schema_level) {
        return fmt::format(
            "<{}> is locked: applicationHost.config must open it with <location overrideMode=\"Allow\">", section.path);
    }
    return fmt::format("<{}> is locked at {}:{}", section.path, *lock.place.file, lock.place.line);
}

std::shared_ptr<const SectionNode> merge_opaque(const SectionSchema& section, const SectionNode* base,
                                                const XmlElement& element, const XmlDocument& document) {
    auto node = base != nullptr ? std::make_shared<SectionNode>(*base) : std::make_shared<SectionNode>(*section.element);
    node->place = document.place(element.begin);
    for (const XmlElement& child : element.children) {
        if (child.name == "clear") node->opaque_elements = 0;
        if (child.name != "clear" && child.name != "remove") ++node->opaque_elements;
    }
    return node;
}

}  // namespace

SectionSet::SectionSet(const Schema& schema, const ConfigurationFile* machine) : schema_(&schema) {
    for (const SectionSchema& section : schema.sections()) {
        bool allowed = section.override_allowed;
        if (machine != nullptr) {
            const auto declared = machine->declared().find(section.path);
            if (declared != machine->declared().end()) allowed = declared->second.override_allowed.value_or(allowed);
        }
        auto state = std::make_shared<SectionState>();
        if (!allowed) state->denied = Lock{section.path, schema_level, {}};
        states_.push_back(std::move(state));
    }
}

const SectionNode* SectionSet::node(std::string_view section) const { return shared_node(section).get(); }

std::shared_ptr<const SectionNode> SectionSet::shared_node(std::string_view section) const {
    const SectionSchema* schema = schema_->find(section);
    OSMIA_CHECK(schema != nullptr, "code asks only for sections that the schema has");
    return states_[schema->index]->node;
}

void SectionSet::adopt(const SectionSchema& section, const SectionSet& other) {
    auto state = std::make_shared<SectionState>(*other.states_[section.index]);
    state->denied = states_[section.index]->denied;
    state->document.reset();
    states_[section.index] = std::move(state);
}

void SectionSet::apply(const ConfigurationFile& file, const SectionUse& use, const Level& level, DiagnosticSink& sink) {
    const SectionSchema& section = *use.section;
    const SectionState& above = state(section);
    const auto report = [&](Severity severity, ErrorNumber number, std::string message) {
        sink.add(finding(use, severity, number, std::move(message)));
    };
    const bool web = file.kind() == FileKind::Web;
    if (web && above.denied && above.denied->level < level.number) {
        return report(Severity::Error, ErrorNumber::Locked, describe_lock(section, *above.denied));
    }
    if (above.denied && above.denied->level > level.number && use.location->override_mode == OverrideMode::Allow) {
        return report(Severity::Error, ErrorNumber::Locked,
                      fmt::format("<{}> is locked at {}:{}, and only that file can open it again", section.path,
                                  *above.denied->place.file, above.denied->place.line));
    }
    if (web && use.application_only && !level.application_root) {
        return report(Severity::Error, ErrorNumber::Locked,
                      fmt::format("<{}> may only stand in an application's root folder", section.path));
    }
    if (section.status == SectionStatus::Lacking && web) {
        return report(Severity::Error, ErrorNumber::NotSupported,
                      fmt::format("<{}> is not supported: Osmia has no module for it yet", section.path));
    }
    if (section.status == SectionStatus::Lacking && level.warnings) {
        report(Severity::Warning, ErrorNumber::None,
               fmt::format("<{}> has no effect: Osmia has no module for it yet", section.path));
    }
    if (section.status == SectionStatus::Later && level.warnings) {
        report(Severity::Warning, ErrorNumber::None, fmt::format("<{}> has no effect yet", section.path));
    }
    auto state = std::make_shared<SectionState>(above);
    const XmlDocument& document = *use.document;
    state->node = section.opaque ? merge_opaque(section, above.node.get(), *use.element, document)
                                 : merge_section(*section.element, above.node.get(), *use.element,
                                                 {document, sink, level.number, level.warnings, level.shipped, paths_.get()});
    state->document = use.document;
    state->offset = use.element->begin;
    const Lock lock{section.path, level.number, use.location->place};
    if (use.location->override_mode == OverrideMode::Deny) state->denied = lock;
    if (use.location->override_mode == OverrideMode::Allow) state->denied.reset();
    if (state->node->locked && !state->denied) state->denied = state->node->locked;
    states_[section.index] = std::move(state);
}

}  // namespace osmia::config
