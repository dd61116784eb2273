#include "config/machine_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/result.h"
#include "config/embedded_files.h"
#include "config/guards.h"
#include "config/section_merge.h"
#include "config/windows_path.h"

namespace osmia::config {
namespace {

/// The shipped defaults, read and merged once, for all files. A fault in them is a fault of the build.
struct Defaults {
    std::vector<const SectionSchema*> mentioned;
    SectionSet sections;
};

const Defaults& shipped_defaults() {
    static const Defaults defaults = [] {
        DiagnosticSink sink;
        const EmbeddedFile& embedded = embedded_defaults();
        auto document = XmlDocument::parse(std::string(embedded.text), std::string(embedded.name), sink);
        OSMIA_CHECK(document != nullptr, "the shipped defaults are well-formed");
        const auto file = ConfigurationFile::read(std::move(document), FileKind::Machine, builtin_schema(), sink);
        SectionSet merged(builtin_schema(), nullptr);
        Defaults result{{}, SectionSet(builtin_schema(), nullptr)};
        for (const SectionUse& use : file->uses()) {
            merged.apply(*file, use, {0, true, false, true}, sink);
            result.sections.adopt(*use.section, merged);  // without the document: half a megabyte in every worker
            result.mentioned.push_back(use.section);
        }
        OSMIA_CHECK(!sink.has_errors(), "the shipped defaults have no error");
        return result;
    }();
    return defaults;
}

/// The sections whose shipped items stay when the machine's file adds some: types that are served, names that are not.
constexpr std::array<std::string_view, 2> joined_sections{"system.webServer/staticContent",
                                                          "system.webServer/security/requestFiltering"};

constexpr std::string_view mappings_section = "system.osmia/pathMappings";

void report_guards(const SectionSet& sections, const SectionSet* above, DiagnosticSink& sink) {
    for (const GuardFinding& finding : guard_findings(sections)) {
        if (above != nullptr && above->state(*finding.section).node == sections.state(*finding.section).node) continue;
        sink.add(finding.document->diagnostic(finding.offset, Severity::Warning, ErrorNumber::None, finding.message));
    }
}

}  // namespace

std::string location_key(std::string_view path) {
    std::string key(path);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return key;
}

MachineDocument::MachineDocument(std::shared_ptr<const ConfigurationFile> file)
    : file_(std::move(file)), sections_(builtin_schema(), file_.get()) {
    for (const SectionUse& use : file_->uses()) {
        if (use.location->path.empty()) {
            server_uses_.push_back(&use);
        } else {
            locations_[location_key(use.location->path)].push_back(use);
        }
    }
}

std::shared_ptr<const MachineDocument> MachineDocument::load(std::shared_ptr<const XmlDocument> document,
                                                             DiagnosticSink& sink, bool warnings,
                                                             const SourceReader& sources) {
    auto file = ConfigurationFile::read(std::move(document), FileKind::Machine, builtin_schema(), sink, {}, sources);
    std::shared_ptr<MachineDocument> machine(new MachineDocument(std::move(file)));
    machine->merge_defaults();
    machine->merge_file(sink, warnings);
    machine->check_locations(sink, warnings);
    return machine;
}

void MachineDocument::merge_defaults() {
    for (const SectionSchema* section : shipped_defaults().mentioned) {
        const auto overrides = [&](const SectionUse* own) {
            return own->section == section && touches_collection(*section->element, *own->element);
        };
        const bool joined = file_->declared().empty() && std::find(joined_sections.begin(), joined_sections.end(),
                                                                   section->path) != joined_sections.end();
        if (!joined && std::any_of(server_uses_.begin(), server_uses_.end(), overrides)) continue;
        sections_.adopt(*section, shipped_defaults().sections);
    }
}

/// Other sections have paths, so that the mappings count first wherever they stand.
void MachineDocument::merge_mappings(DiagnosticSink& sink) {
    for (const SectionUse& use : file_->uses()) {
        if (use.section->path == mappings_section) sections_.apply(*file_, use, {}, sink);
    }
    const SectionNode* node = sections_.node(mappings_section);
    if (node == nullptr) return;
    const auto refuse = [&](const SectionNode& item, const char* attribute, std::string message) {
        Place place = item.setting(attribute)->place;
        sink.add({*place.file, place.line, place.column, Severity::Error, ErrorNumber::BadData, std::move(message),
                  sections_.state(*sections_.schema().find(mappings_section)).document->source_line_at(place)});
    };
    auto paths = std::make_shared<PathMappings>();
    for (const auto& item : node->items) {
        const std::string from = to_linux_path(item->text("from"));
        const std::string& to = item->text("to");
        if (!has_drive_letter(from) && !from.starts_with("//")) {
            refuse(*item, "from", fmt::format("'{}' is no Windows path; give a drive or \\\\SERVER\\SHARE", item->text("from")));
        }
        if (!to.starts_with('/')) refuse(*item, "to", fmt::format("'{}' is not an absolute path on this machine", to));
        paths->add(from, to);
    }
    sections_.set_paths(std::move(paths));
}

void MachineDocument::merge_file(DiagnosticSink& sink, bool warnings) {
    merge_mappings(sink);
    for (const SectionUse& use : file_->uses()) {
        const bool done = use.section->path == mappings_section;
        if (use.location->path.empty() && !done) sections_.apply(*file_, use, {0, true, warnings}, sink);
    }
    if (warnings) report_guards(sections_, nullptr, sink);
}

void MachineDocument::check_locations(DiagnosticSink& sink, bool warnings) const {
    // The map's order puts "a" before "a/b", so what lies above a path has been merged when the path is reached.
    std::map<std::string, SectionSet, std::less<>> merged;
    for (const auto& [path, uses] : locations_) {
        const SectionSet* above = &sections_;
        for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0; slash = path.rfind('/', slash - 1)) {
            const auto found = merged.find(std::string_view(path).substr(0, slash));
            if (found == merged.end()) continue;
            above = &found->second;
            break;
        }
        SectionSet sections = *above;
        for (const SectionUse& use : uses) sections.apply(*file_, use, {0, true, warnings}, sink);
        if (warnings) report_guards(sections, above, sink);
        if (has_locations_below(path)) merged.emplace(path, std::move(sections));
    }
}

const std::vector<SectionUse>& MachineDocument::location(std::string_view path) const {
    static const std::vector<SectionUse> none;
    const auto found = locations_.find(location_key(path));
    return found == locations_.end() ? none : found->second;
}

bool MachineDocument::has_locations_below(std::string_view path) const {
    const std::string prefix = path.empty() ? std::string() : location_key(path) + '/';
    const auto next = locations_.lower_bound(prefix);
    return next != locations_.end() && std::string_view(next->first).starts_with(prefix);
}

}  // namespace osmia::config
