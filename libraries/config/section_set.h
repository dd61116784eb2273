/// \file
/// All sections in force at one configuration path, and how a file's sections change them.
#pragma once

#include <memory>
#include <vector>

#include "config/configuration_file.h"
#include "config/section_node.h"
#include "config/windows_path.h"

namespace osmia::config {

/// One section at one path. Immutable; shared with the paths below that do not change it.
struct SectionState {
    std::shared_ptr<const SectionNode> node;          ///< null: no file mentions the section
    std::optional<Lock> denied;                       ///< set: deeper files must not set the section
    std::shared_ptr<const XmlDocument> document;      ///< of the last file that set the section
    std::uint32_t offset = 0;                         ///< of its element there
};

/// Cheap to copy: the states are shared.
class SectionSet {
public:
    /// Nothing is set; what is locked comes from the schema and from what \a machine (may be null) declares.
    SectionSet(const Schema& schema, const ConfigurationFile* machine);

    const SectionState& state(const SectionSchema& section) const { return *states_[section.index]; }
    /// The merged content of a section by path, or null when no file mentions it. The section must exist.
    const SectionNode* node(std::string_view section) const;
    std::shared_ptr<const SectionNode> shared_node(std::string_view section) const;
    const Schema& schema() const { return *schema_; }

    /// Where a use stands, for the rules that depend on it.
    struct Level {
        int number = 0;                ///< of the file: 0 machine, 1 and up web.config files
        bool application_root = true;  ///< the path is an application's own
        bool warnings = true;
        bool shipped = false;  ///< the file is the shipped defaults
    };

    /// Merges one section of \a file. Refuses it (with a diagnostic) where it is locked, where it may not stand, and,
    /// in a web.config, where its module is lacking.
    void apply(const ConfigurationFile& file, const SectionUse& use, const Level& level, DiagnosticSink& sink);

    /// Paths of sections that are applied from now on are mapped.
    void set_paths(std::shared_ptr<const PathMappings> paths) { paths_ = std::move(paths); }

    /// Takes a section's content, but not its document, from another set; what is locked for deeper files stays.
    void adopt(const SectionSchema& section, const SectionSet& other);

private:
    const Schema* schema_;
    std::vector<std::shared_ptr<const SectionState>> states_;
    std::shared_ptr<const PathMappings> paths_;
};

}  // namespace osmia::config
