/// \file
/// The outline of one configuration file: which sections it holds, under which location tags. Content is not merged here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic_sink.h"
#include "config/schema.h"
#include "config/xml_document.h"

namespace osmia::config {

/// Which rules a file is read under.
enum class FileKind {
    Machine,  ///< applicationHost.config
    Web,      ///< web.config
};

enum class OverrideMode { Inherit, Allow, Deny };

/// One `<location>`, or the part of the file outside any.
struct LocationTag {
    std::string path;  ///< as written, '/' between segments, none at the ends; empty: this file's own level
    OverrideMode override_mode = OverrideMode::Inherit;
    bool inherit_in_child_applications = true;
    Place place;
};

/// One section with content in a file.
struct SectionUse {
    const SectionSchema* section = nullptr;
    const XmlElement* element = nullptr;       ///< in the document
    std::shared_ptr<const LocationTag> location;
    std::shared_ptr<const XmlDocument> document;  ///< the file's own, or the one that configSource names
    bool application_only = false;  ///< by schema or declaration: only in an application's root
};

/// What `<section>` in `<configSections>` says; nothing where the attribute is missing.
struct SectionDeclaration {
    std::optional<bool> override_allowed;
    std::optional<AllowDefinition> allow_definition;
    bool allow_location = true;
};

/// Gives the text of the file that a configSource names, by its full path.
using SourceReader = std::function<Result<std::string>(const std::string& path)>;

/// An element that belongs to other software: accepted, kept, not looked at.
struct ForeignElement {
    std::string path;  ///< "system.web"
    Place place;
    const char* reason = "";  ///< whose it is, for people
};

/// Immutable once read. Holds its document.
class ConfigurationFile {
public:
    /// Reads the outline. Unknown sections and groups, wrong location tags and repeated sections are reported; sections
    /// that belong to .NET or that the file (or one of \a above, the machine's first) declares are stepped over. A section
    /// with configSource is read by \a sources from the document's folder or below it; without \a sources it is refused.
    static std::shared_ptr<const ConfigurationFile> read(std::shared_ptr<const XmlDocument> document, FileKind kind,
                                                         const Schema& schema, DiagnosticSink& sink,
                                                         std::span<const std::shared_ptr<const ConfigurationFile>> above = {},
                                                         const SourceReader& sources = {});

    const XmlDocument& document() const { return *document_; }
    const std::shared_ptr<const XmlDocument>& shared_document() const { return document_; }
    FileKind kind() const { return kind_; }
    const std::vector<SectionUse>& uses() const { return uses_; }

    const std::vector<ForeignElement>& foreign() const { return foreign_; }

    /// The sections that the file declares, by path.
    const std::map<std::string, SectionDeclaration, std::less<>>& declared() const { return declared_; }
    /// True when the section or one of its groups is declared.
    bool declares(std::string_view path) const;

private:
    friend class OutlineReader;

    std::shared_ptr<const XmlDocument> document_;
    FileKind kind_ = FileKind::Machine;
    std::vector<SectionUse> uses_;
    std::vector<ForeignElement> foreign_;
    std::map<std::string, SectionDeclaration, std::less<>> declared_;
};

}  // namespace osmia::config
