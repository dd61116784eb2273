#include "supervisor/snapshot.h"

#include <algorithm>
#include <limits>

namespace osmia::supervisor {

std::uint32_t to_milliseconds(std::chrono::milliseconds time) {
    constexpr std::int64_t Most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, Most));
}

wire::ListenerLimits limits_of(const config::ServerConfiguration& configuration) {
    const auto& from = configuration.listener_limits;
    const auto& web = configuration.web_limits;
    wire::ListenerLimits limits;
    limits.max_request_line = from.max_request_line;
    limits.max_header_bytes = from.max_header_bytes;
    limits.max_header_fields = from.max_header_fields;
    limits.header_timeout_ms = to_milliseconds(web.header_wait_timeout.count() != 0 ? web.header_wait_timeout : from.header_timeout);
    // webLimits speaks for IIS's files, system.osmia for ours: whichever is not at its default.
    limits.idle_timeout_ms = to_milliseconds(from.idle_timeout != config::ListenerLimits().idle_timeout ? from.idle_timeout : web.connection_timeout);
    limits.max_bandwidth = web.max_global_bandwidth;
    limits.min_bytes_per_second = web.min_bytes_per_second;
    limits.body_read_ahead = from.body_read_ahead;
    if (from.max_connections != 0) limits.max_connections = from.max_connections;
    limits.drain_body_bytes = from.body_drain_bytes;
    limits.drain_body_ms = to_milliseconds(from.body_drain_timeout);
    return limits;
}

namespace {

/// A site that does not say otherwise has the machine's time.
std::uint32_t idle_timeout_of(const config::SiteConfiguration& site, std::uint32_t machine_ms) {
    const auto own = site.limits.connection_timeout;
    return own == config::SiteLimits().connection_timeout || own.count() == 0 ? machine_ms : to_milliseconds(own);
}

/// RFC 6797 section 6.1.
std::string strict_transport_security(const config::Hsts& hsts) {
    if (!hsts.enabled) return {};
    return fmt::format("max-age={}{}{}", hsts.max_age, hsts.include_sub_domains ? "; includeSubDomains" : "", hsts.preload ? "; preload" : "");
}

/// IIS sends everybody to port 443; a site whose https bindings are elsewhere has its visitors sent where it is.
std::uint16_t redirect_port(const config::SiteConfiguration& site, const SnapshotNames& names) {
    if (!site.hsts.enabled || !site.hsts.redirect_http_to_https) return 0;
    std::uint16_t port = 0;
    for (const auto& binding : site.bindings) {
        if (binding.is_https() && (port == 0 || binding.port == 443)) port = names.port(binding);
    }
    return port == 0 ? 443 : port;
}

wire::SnapshotSite site_message(const config::SiteConfiguration& site, const SnapshotNames& names, std::uint32_t idle_ms) {
    wire::SnapshotSite message;
    message.site_id = site.id;
    message.name = site.name;
    message.state = names.site_state(site.id);
    message.idle_timeout_ms = idle_timeout_of(site, idle_ms);
    message.max_bandwidth = site.limits.max_bandwidth;
    message.max_connections = site.limits.max_connections;
    message.strict_transport_security = strict_transport_security(site.hsts);
    message.redirect_port = redirect_port(site, names);
    return message;
}

wire::SnapshotLog log_message(const config::SiteConfiguration& site) {
    const config::LogFile& log = site.log_file;
    wire::SnapshotLog message;
    message.site_id = site.id;
    message.columns = log.fields;
    message.max_line_bytes = log.max_log_line_length;
    message.max_custom_bytes = log.max_custom_field_length;
    for (const auto& field : log.custom_fields) {
        message.custom.push_back({field.log_field_name, field.source_name, static_cast<wire::LogSource>(field.source_type)});
    }
    return message;
}

wire::SnapshotApplication application_message(const config::SiteConfiguration& site, const config::Application& application,
                                              const SnapshotNames& names) {
    wire::SnapshotApplication message;
    message.application_id = names.application_id(site.id, application.path);
    message.site_id = site.id;
    message.path = application.path;
    message.pool_id = names.pool_id(application.application_pool);
    message.execution_timeout_ms = to_milliseconds(application.settings.execution_timeout);
    message.replay = application.settings.replay == config::Replay::Safe ? wire::ReplayPolicy::Safe : wire::ReplayPolicy::None;
    return message;
}

}  // namespace

std::vector<wire::SupervisorToListener> build_snapshot(const config::ServerConfiguration& configuration, const ListenPlan& plan,
                                                       const SnapshotNames& names) {
    std::vector<wire::SupervisorToListener> messages{wire::BeginSnapshot{names.serial}};
    for (const auto& pool : configuration.pools) {
        messages.emplace_back(wire::SnapshotPool{names.pool_id(pool.name), pool.name, pool.queue_length, names.pool_state(pool.name),
                                                 std::max<std::uint32_t>(1, pool.process_model.max_processes)});
    }
    for (const auto& site : configuration.sites) {
        messages.emplace_back(site_message(site, names, limits_of(configuration).idle_timeout_ms));
        if (site.log_file.enabled) messages.emplace_back(log_message(site));
    }
    for (const auto& binding : plan.bindings) {
        const std::uint32_t socket_id = names.socket_id(binding.key);
        if (socket_id == 0) continue;
        const std::uint32_t certificate_id = binding.is_https ? names.certificate_id(binding.binding) : 0;
        messages.emplace_back(wire::SnapshotBinding{binding.site_id, socket_id, binding.host, binding.ip_bound, binding.is_https, certificate_id});
    }
    for (const auto& proxy : configuration.proxies) {
        for (const auto& binding : plan.bindings) {
            const std::uint32_t socket_id = binding.binding == proxy.binding ? names.socket_id(binding.key) : 0;
            if (socket_id != 0) messages.emplace_back(wire::SnapshotProxy{socket_id, proxy.proxy_protocol, proxy.forwarded_for, proxy.trusted});
        }
    }
    for (const auto& site : configuration.sites) {
        for (const auto& application : site.applications) messages.emplace_back(application_message(site, application, names));
    }
    messages.emplace_back(wire::CommitSnapshot{names.serial});
    return messages;
}

}  // namespace osmia::supervisor
