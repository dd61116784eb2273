/// \file
/// A loaded applicationHost.config beneath its typed form: the sections in force for the whole server, and its location
/// tags by path.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration_file.h"
#include "config/section_set.h"

namespace osmia::config {

/// Immutable once loaded; shared between threads.
class MachineDocument {
public:
    /// Merges the file onto the shipped defaults: a section of the defaults counts when the file adds, removes or
    /// clears nothing in it. Only MIME types are a common stock: what the file adds joins or replaces the shipped ones,
    /// unless it has <configSections>, as the complete files of IIS have. Every location tag is merged once, so that its
    /// errors are told too. \a warnings: whether findings that are no errors are wanted. \a sources reads what configSource
    /// names.
    static std::shared_ptr<const MachineDocument> load(std::shared_ptr<const XmlDocument> document,
                                                       DiagnosticSink& sink, bool warnings = true,
                                                       const SourceReader& sources = {});

    const ConfigurationFile& file() const { return *file_; }
    /// What is in force for the server as a whole, in front of any site.
    const SectionSet& sections() const { return sections_; }

    /// The sections of location tags with exactly this path ("site/app"; compared without case), in file order.
    const std::vector<SectionUse>& location(std::string_view path) const;
    /// True when a location tag's path lies below \a path.
    bool has_locations_below(std::string_view path) const;
    /// The file's sections outside locations, in file order.
    const std::vector<const SectionUse*>& server_uses() const { return server_uses_; }
    /// Every location path, lower case.
    const std::map<std::string, std::vector<SectionUse>, std::less<>>& locations() const { return locations_; }

private:
    explicit MachineDocument(std::shared_ptr<const ConfigurationFile> file);
    void merge_defaults();
    void merge_mappings(DiagnosticSink& sink);
    void merge_file(DiagnosticSink& sink, bool warnings);
    void check_locations(DiagnosticSink& sink, bool warnings) const;

    std::shared_ptr<const ConfigurationFile> file_;
    SectionSet sections_;
    std::vector<const SectionUse*> server_uses_;
    std::map<std::string, std::vector<SectionUse>, std::less<>> locations_;
};

/// \a path in lower case (ASCII), as location paths are kept.
std::string location_key(std::string_view path);

}  // namespace osmia::config
