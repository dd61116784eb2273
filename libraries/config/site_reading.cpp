#include <algorithm>

#include "config/binding_information.h"
#include "config/typed_reading.h"
#include "config/url_mapping.h"
#include "config/windows_path.h"

namespace osmia::config {
namespace {

/// Reads one site with the elements that hold its defaults.
class SiteReader {
public:
    SiteReader(const SectionNode& sites, const SectionNode& site, const TypedReport& report)
        : sites_(sites), node_(site), defaults_(sites.child("siteDefaults")), report_(report), view_(*site.schema) {
        view_.then(&site).then(defaults_);
    }

    SiteConfiguration run() {
        SiteConfiguration site;
        site.name = view_.text("name");
        site.id = view_.number("id");
        site.server_auto_start = view_.flag("serverAutoStart");
        read_bindings(site);
        read_limits(site.limits);
        read_log(site.log_file);
        read_hsts(site.hsts);
        read_tracing(site.failed_request_tracing);
        for (const auto& item : node_.items) site.applications.push_back(read_application(*item));
        const bool has_root = std::any_of(site.applications.begin(), site.applications.end(),
                                          [](const Application& application) { return application.path == "/"; });
        if (!has_root) report_.missing(node_.place, fmt::format("the site '{}' has no application with path=\"/\"", site.name));
        return site;
    }

private:
    void error(const Place& place, std::string message) const {
        report_.error(place, ErrorNumber::BadData, std::move(message));
    }

    void read_bindings(SiteConfiguration& site) const {
        for (const SectionNode* item : view_.child("bindings").items()) {
            const std::string& protocol = item->text("protocol");
            const Setting& information = *item->setting("bindingInformation");
            const bool is_https = equals_ignoring_case(protocol, "https");
            if (!is_https && !equals_ignoring_case(protocol, "http")) {
                report_.error(item->place, ErrorNumber::NotSupported,
                              fmt::format("the protocol '{}' is not supported; give http or https", protocol));
                continue;
            }
            auto binding = parse_binding_information(information.value.text);
            if (!binding.ok()) {
                error(information.place, binding.error().message);
                continue;
            }
            if (is_https && binding.value().is_unix()) {
                error(information.place, "a unix binding is for http only");
                continue;
            }
            binding.value().protocol = is_https ? "https" : "http";
            binding.value().ssl_flags = item->number("sslFlags");
            check_ssl_flags(binding.value(), *item);
            site.bindings.push_back(std::move(binding).value());
        }
    }

    /// Flags that cannot do what they promise are told, so that nobody relies on them.
    void check_ssl_flags(const Binding& binding, const SectionNode& item) const {
        using namespace ssl_flag;
        constexpr std::uint32_t Known = Sni | CentralStore | DisableHttp2 | DisableOcspStapling | DisableQuic | DisableTls13 | DisableLegacyTls;
        const Setting* setting = item.setting("sslFlags");
        if (setting == nullptr) return;
        if ((binding.ssl_flags & ~Known) != 0) error(setting->place, fmt::format("sslFlags {} has bits that mean nothing", binding.ssl_flags));
        if (binding.ssl_flags != 0 && !binding.is_https()) report_.warning(setting->place, "sslFlags has no effect on an http binding");
        if ((binding.ssl_flags & Sni) != 0 && binding.host.empty()) error(setting->place, "sslFlags 1 (SNI) needs a host name in the binding");
    }

    void read_limits(SiteLimits& limits) const {
        const SectionView view = view_.child("limits");
        limits.max_bandwidth = view.number("maxBandwidth");
        limits.max_connections = view.number("maxConnections");
        limits.connection_timeout = view.time("connectionTimeout");
        limits.max_url_segments = view.number("maxUrlSegments");
    }

    void read_log(LogFile& log) const {
        const SectionView view = view_.child("logFile");
        log = read_log_file(view);
        const Setting* directory = view.setting("directory");
        const bool absolute = log.directory.starts_with('/') && !log.directory.starts_with("//");
        if (directory == nullptr || log.directory.empty() || absolute) return;
        error(directory->place, fmt::format("the directory '{}' is not an absolute path on this machine", log.directory));
    }

    void read_hsts(Hsts& hsts) const {
        const SectionView view = view_.child("hsts");
        hsts.enabled = view.flag("enabled");
        hsts.max_age = view.number("max-age");
        hsts.include_sub_domains = view.flag("includeSubDomains");
        hsts.preload = view.flag("preload");
        hsts.redirect_http_to_https = view.flag("redirectHttpToHttps");
    }

    void read_tracing(FailedRequestTracing& tracing) const {
        const SectionView view = view_.child("traceFailedRequestsLogging");
        tracing.enabled = view.flag("enabled");
        tracing.directory = view.text("directory");
        tracing.max_log_files = view.number("maxLogFiles");
        tracing.max_log_file_kilobytes = view.number("maxLogFileSizeKB");
        tracing.custom_actions_enabled = view.flag("customActionsEnabled");
    }

    const SectionNode* default_child(const char* name) const {
        return defaults_ == nullptr ? nullptr : defaults_->child(name);
    }

    Application read_application(const SectionNode& item) const {
        SectionView view(*item.schema);
        view.then(&item).then(node_.child("applicationDefaults"));
        view.then(default_child("applicationDefaults")).then(sites_.child("applicationDefaults"));
        Application application;
        application.path = view.text("path");
        application.application_pool = view.text("applicationPool");
        if (application.application_pool.empty()) application.application_pool = "DefaultAppPool";
        application.enabled_protocols = view.text("enabledProtocols");
        application.service_auto_start_enabled = view.flag("serviceAutoStartEnabled");
        application.preload_enabled = view.flag("preloadEnabled");
        for (const auto& directory : item.items) {
            application.virtual_directories.push_back(read_directory(item, *directory));
        }
        const auto& directories = application.virtual_directories;
        const bool has_root = std::any_of(directories.begin(), directories.end(),
                                          [](const VirtualDirectory& directory) { return directory.path == "/"; });
        if (!has_root) {
            report_.missing(item.place,
                  fmt::format("the application '{}' has no virtualDirectory with path=\"/\"", application.path));
        }
        return application;
    }

    VirtualDirectory read_directory(const SectionNode& application, const SectionNode& item) const {
        SectionView view(*item.schema);
        view.then(&item).then(application.child("virtualDirectoryDefaults"));
        view.then(node_.child("virtualDirectoryDefaults")).then(default_child("virtualDirectoryDefaults"));
        view.then(sites_.child("virtualDirectoryDefaults"));
        VirtualDirectory directory;
        directory.path = view.text("path");
        directory.physical_path = view.text("physicalPath");
        directory.user_name = view.text("userName");
        directory.allow_sub_dir_config = view.flag("allowSubDirConfig");
        const Setting* path = view.setting("physicalPath");
        check_physical_path(directory, path == nullptr ? item.place : path->place);
        return directory;
    }

    void check_physical_path(const VirtualDirectory& directory, const Place& place) const {
        const std::string& path = directory.physical_path;
        if (path.starts_with('/') && !path.starts_with("//")) return;
        if (path.empty()) return report_.missing(place, "a virtualDirectory needs a 'physicalPath'");
        if (has_drive_letter(path)) {
            return error(place, fmt::format("'{}' is a Windows path; give the folder's path on this machine, or map it in "
                                           "<system.osmia><pathMappings>", path));
        }
        if (path.starts_with("//")) {
            return error(place, fmt::format("'{}' is a network path; mount it and give the folder's path here, or map it in "
                                           "<system.osmia><pathMappings>", path));
        }
        error(place, fmt::format("the physicalPath '{}' is not absolute", path));
    }

    const SectionNode& sites_;
    const SectionNode& node_;
    const SectionNode* defaults_;
    const TypedReport& report_;
    SectionView view_;
};

}  // namespace

LogFile read_log_file(const SectionView& view) {
    LogFile log;
    log.enabled = view.flag("enabled");
    log.format = view.choice<LogFormat>("logFormat");
    log.fields = view.number("logExtFileFlags");
    log.directory = view.text("directory");
    log.period = view.choice<LogPeriod>("period");
    log.truncate_size = view.large("truncateSize");
    log.local_time_rollover = view.flag("localTimeRollover");
    log.log_site_id = view.flag("logSiteId");
    log.flush_by_entry_count = view.number("flushByEntryCountW3CLog");
    log.max_log_line_length = view.number("maxLogLineLength");
    const SectionView fields = view.child("customFields");
    log.max_custom_field_length = fields.number("maxCustomFieldLength");
    for (const SectionNode* item : fields.items()) {
        log.custom_fields.push_back({item->text("logFieldName"), item->text("sourceName"),
                                     static_cast<LogFieldSource>(item->number("sourceType"))});
    }
    return log;
}

std::vector<SiteConfiguration> read_sites(const SectionSet& sections, const TypedReport& report) {
    std::vector<SiteConfiguration> sites;
    const SectionNode* section = sections.node("system.applicationHost/sites");
    if (section == nullptr) return sites;
    for (const auto& item : section->items) sites.push_back(SiteReader(*section, *item, report).run());
    return sites;
}

}  // namespace osmia::config
