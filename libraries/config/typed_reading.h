/// \file
/// From merged sections to the typed configuration. Internal to the library.
#pragma once

#include <string>
#include <vector>

#include "config/diagnostic_sink.h"
#include "config/machine_document.h"
#include "config/section_view.h"
#include "config/server_configuration.h"

namespace osmia::config {

/// Reports findings about what was read, by the place of a setting or node. Borrows both.
class TypedReport {
public:
    TypedReport(const MachineDocument& document, DiagnosticSink& sink)
        : document_(document), sink_(sink), merge_failed_(sink.has_errors()) {}
    void error(const Place& place, ErrorNumber number, std::string message) const;
    void warning(const Place& place, std::string message) const;
    /// An error about something missing: not told after errors in the sections, of which it may be a mere consequence.
    void missing(const Place& place, std::string message) const;

private:
    void add(const Place& place, Severity severity, ErrorNumber number, std::string message) const;
    const MachineDocument& document_;
    DiagnosticSink& sink_;
    bool merge_failed_;
};

std::vector<PoolConfiguration> read_pools(const SectionSet& sections, const TypedReport& report);
std::vector<SiteConfiguration> read_sites(const SectionSet& sections, const TypedReport& report);
LogFile read_log_file(const SectionView& view);
WebLimits read_web_limits(const SectionSet& sections);
ListenerLimits read_listener_limits(const SectionSet& sections);
std::vector<GlobalModule> read_global_modules(const SectionSet& sections);

/// system.osmia/certificates; an entry that is no binding is an error.
void read_certificates(const SectionSet& sections, ServerConfiguration& configuration, const TypedReport& report);

/// Puts system.osmia/applicationSettings into the applications they name; an unknown name is a warning.
void read_application_settings(const SectionSet& sections, ServerConfiguration& configuration,
                               const TypedReport& report);

/// What no single section can tell: pools that applications name, bindings that two sites share, names of modules and
/// of locations that do not exist.
void check_references(const ServerConfiguration& configuration, const TypedReport& report);

/// A view of a section; of nothing but the schema's defaults when no file mentions it.
SectionView view_of(const SectionSet& sections, std::string_view section);

}  // namespace osmia::config
