#include "config/certificate_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "config/binding_information.h"
#include "config/nearest_name.h"
#include "config/typed_reading.h"

namespace osmia::config {
namespace {

/// A file that only others may look at exists too.
bool exists(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 || errno == EACCES;
}

/// The `<binding>` element behind a typed binding, for its place; else the site's.
const Place& place_of(const ServerConfiguration& configuration, std::size_t site, const Binding& binding) {
    const SectionNode& item = *configuration.document->sections().node("system.applicationHost/sites")->items[site];
    const SectionNode* bindings = item.child("bindings");
    if (bindings == nullptr) return item.place;
    for (const auto& one : bindings->items) {
        const auto parsed = parse_binding_information(one->text("bindingInformation"));
        if (parsed.ok() && format_binding_information(parsed.value()) == format_binding_information(binding)) return one->place;
    }
    return item.place;
}

}  // namespace

void read_certificates(const SectionSet& sections, ServerConfiguration& configuration, const TypedReport& report) {
    configuration.certificate_folder = view_of(sections, "system.osmia/certificates").text("folder");
    const SectionNode* section = sections.node("system.osmia/certificates");
    if (section == nullptr) return;
    std::vector<std::string> known;
    for (const SiteConfiguration& site : configuration.sites) {
        for (const Binding& binding : site.bindings) {
            if (binding.is_https()) known.push_back(format_binding_information(binding));
        }
    }
    for (const auto& item : section->items) {
        const Place& place = item->setting("binding")->place;
        const auto binding = parse_binding_information(item->text("binding"));
        if (!binding.ok()) {
            report.error(place, ErrorNumber::BadData, binding.error().message);
            continue;
        }
        const std::string name = format_binding_information(binding.value());
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            report.warning(place, fmt::format("no site has the https binding '{}'{}", name, suggestion(name, known)));
        }
        configuration.certificates.push_back({name, item->text("file"), item->text("keyFile")});
    }
}

std::vector<std::string> certificate_candidates(const std::string& folder, const Binding& binding) {
    std::string name = binding.host.empty() ? binding.address : binding.host;
    if (name == "*") name = "default";
    if (name.starts_with("*.")) name.front() = '_';
    return {folder + "/" + name + ".pem", folder + "/" + name + ".pfx"};
}

Result<CertificateFiles> find_certificate(const ServerConfiguration& configuration, const Binding& binding) {
    const std::string name = format_binding_information(binding);
    const auto entry = std::find_if(configuration.certificates.begin(), configuration.certificates.end(),
                                    [&](const CertificateSetting& one) { return one.binding == name; });
    if (entry != configuration.certificates.end()) {
        for (const std::string* path : {&entry->file, &entry->key_file}) {
            if (!path->empty() && !exists(*path)) {
                return make_error(ErrorKind::NotFound, "the certificate of the https binding {}: there is no file {}", name, *path);
            }
        }
        return CertificateFiles{entry->file, entry->key_file};
    }
    const auto candidates = certificate_candidates(configuration.certificate_folder, binding);
    for (const std::string& path : candidates) {
        if (exists(path)) return CertificateFiles{path, {}};
    }
    return make_error(ErrorKind::NotFound,
                      "the https binding {} has no certificate: neither an entry in <system.osmia><certificates> nor a file {} or {}", name,
                      candidates[0], candidates[1]);
}

Diagnostics check_certificates(const ServerConfiguration& configuration) {
    DiagnosticSink sink;
    const TypedReport report(*configuration.document, sink);
    for (std::size_t site = 0; site < configuration.sites.size(); ++site) {
        for (const Binding& binding : configuration.sites[site].bindings) {
            if (!binding.is_https()) continue;
            const auto files = find_certificate(configuration, binding);
            if (!files.ok()) report.error(place_of(configuration, site, binding), ErrorNumber::PathNotFound, files.error().message);
        }
    }
    return sink.take();
}

}  // namespace osmia::config
