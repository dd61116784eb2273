#include "config/pool_elements.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/binding_information.h"
#include "config/machine_document.h"
#include "config/schema.h"
#include "config/url_mapping.h"
#include "config/value.h"
#include "config/xml_text.h"

namespace osmia::config {
namespace {

/// Writes one element; the schema knows how a number is spelled.
class ElementWriter {
public:
    ElementWriter(std::string& text, const ElementSchema& schema) : text_(text), schema_(schema) {
        text_ += fmt::format("<{}", schema.name);
    }
    ElementWriter& put(const char* name, const std::string& value) {
        if (!value.empty()) write(name, value);
        return *this;
    }
    template <class Number>
        requires(std::is_integral_v<Number> || std::is_enum_v<Number>)
    ElementWriter& put(const char* name, Number number) {
        const int index = schema_.attribute_index(name);
        OSMIA_CHECK(index >= 0, "the writer uses the schema's names");
        const AttributeSchema& attribute = schema_.attributes[static_cast<std::size_t>(index)];
        const Value value{static_cast<std::int64_t>(number), {}};
        if (!attribute.has_default || value != attribute.default_value) write(name, format_value(attribute, value));
        return *this;
    }
    ElementWriter& put(const char* name, Milliseconds time) { return put(name, time.count()); }
    void open() { text_ += ">\n"; }
    void finish() { text_ += "/>\n"; }

private:
    void write(const char* name, const std::string& value) {
        text_ += fmt::format(" {}=\"{}\"", name, xml_escaped(value));
    }
    std::string& text_;
    const ElementSchema& schema_;
};

const ElementSchema& child_of(const ElementSchema& schema, const char* name) {
    const int index = schema.child_index(name);
    OSMIA_CHECK(index >= 0, "the writer uses the schema's names");
    return *schema.children[static_cast<std::size_t>(index)];
}

const ElementSchema& item_of(const char* section) {
    return *builtin_schema().find(section)->element->collection->item;
}

void write_process_model(std::string& text, const ElementSchema& schema, const ProcessModel& model) {
    ElementWriter(text, schema)
        .put("identityType", model.identity_type)
        .put("userName", model.user_name)
        .put("loadUserProfile", model.load_user_profile)
        .put("setProfileEnvironment", model.set_profile_environment)
        .put("manualGroupMembership", model.manual_group_membership)
        .put("idleTimeout", model.idle_timeout)
        .put("idleTimeoutAction", model.idle_timeout_action)
        .put("maxProcesses", model.max_processes)
        .put("shutdownTimeLimit", model.shutdown_time_limit)
        .put("startupTimeLimit", model.startup_time_limit)
        .put("pingingEnabled", model.pinging_enabled)
        .put("pingInterval", model.ping_interval)
        .put("pingResponseTime", model.ping_response_time)
        .put("logEventOnProcessModel", model.log_event_on_process_model)
        .finish();
}

void write_recycling(std::string& text, const ElementSchema& schema, const Recycling& recycling) {
    ElementWriter(text, schema)
        .put("disallowOverlappingRotation", recycling.disallow_overlapping_rotation)
        .put("disallowRotationOnConfigChange", recycling.disallow_rotation_on_config_change)
        .put("logEventOnRecycle", recycling.log_event_on_recycle)
        .open();
    const ElementSchema& periodic = child_of(schema, "periodicRestart");
    ElementWriter(text, periodic)
        .put("memory", recycling.memory_kilobytes)
        .put("privateMemory", recycling.private_memory_kilobytes)
        .put("requests", recycling.requests)
        .put("time", recycling.time)
        .open();
    text += "<schedule>\n";
    const ElementSchema& item = *child_of(periodic, "schedule").collection->item;
    for (const Milliseconds time : recycling.schedule) ElementWriter(text, item).put("value", time).finish();
    text += "</schedule>\n</periodicRestart>\n</recycling>\n";
}

void write_failure(std::string& text, const ElementSchema& schema, const Failure& failure) {
    ElementWriter(text, schema)
        .put("loadBalancerCapabilities", failure.load_balancer_capabilities)
        .put("orphanWorkerProcess", failure.orphan_worker_process)
        .put("orphanActionExe", failure.orphan_action_exe)
        .put("orphanActionParams", failure.orphan_action_params)
        .put("rapidFailProtection", failure.rapid_fail_protection)
        .put("rapidFailProtectionInterval", failure.rapid_fail_protection_interval)
        .put("rapidFailProtectionMaxCrashes", failure.rapid_fail_protection_max_crashes)
        .put("autoShutdownExe", failure.auto_shutdown_exe)
        .put("autoShutdownParams", failure.auto_shutdown_params)
        .finish();
}

void write_cpu(std::string& text, const ElementSchema& schema, const Cpu& cpu) {
    ElementWriter(text, schema)
        .put("limit", cpu.limit)
        .put("action", cpu.action)
        .put("resetInterval", cpu.reset_interval)
        .put("smpAffinitized", cpu.smp_affinitized)
        .put("smpProcessorAffinityMask", cpu.smp_processor_affinity_mask)
        .put("smpProcessorAffinityMask2", cpu.smp_processor_affinity_mask2)
        .finish();
}

void write_pool(std::string& text, const PoolConfiguration& pool) {
    const ElementSchema& schema = item_of("system.applicationHost/applicationPools");
    ElementWriter(text, schema)
        .put("name", pool.name)
        .put("queueLength", pool.queue_length)
        .put("autoStart", pool.auto_start)
        .put("enable32BitAppOnWin64", pool.enable_32bit_app_on_win64)
        .put("managedRuntimeVersion", pool.managed_runtime_version)
        .put("enableConfigurationOverride", pool.enable_configuration_override)
        .put("managedPipelineMode", pool.managed_pipeline_mode)
        .put("startMode", pool.start_mode)
        .open();
    write_process_model(text, child_of(schema, "processModel"), pool.process_model);
    write_recycling(text, child_of(schema, "recycling"), pool.recycling);
    write_failure(text, child_of(schema, "failure"), pool.failure);
    write_cpu(text, child_of(schema, "cpu"), pool.cpu);
    text += "<environmentVariables>\n";
    const ElementSchema& item = *child_of(schema, "environmentVariables").collection->item;
    for (const EnvironmentVariable& variable : pool.environment_variables) {
        ElementWriter(text, item).put("name", variable.name).put("value", variable.value).finish();
    }
    text += "</environmentVariables>\n</add>\n";
}

/// Whether \a path is an application path that lies above \a below.
bool is_above(const std::string& path, const std::string& below) {
    if (path == "/") return true;
    return below.size() > path.size() && below[path.size()] == '/' &&
           equals_ignoring_case(std::string_view(below).substr(0, path.size()), path);
}

/// Writes the sites of one pool.
class SitesWriter {
public:
    SitesWriter(std::string& text, const PoolConfiguration& pool) : text_(text), pool_(pool) {}

    void write(const SiteConfiguration& site) {
        const ElementSchema& schema = item_of("system.applicationHost/sites");
        ElementWriter(text_, schema)
            .put("name", site.name)
            .put("id", site.id)
            .put("serverAutoStart", site.server_auto_start)
            .open();
        ElementWriter(text_, child_of(schema, "limits"))
            .put("maxBandwidth", site.limits.max_bandwidth)
            .put("maxConnections", site.limits.max_connections)
            .put("connectionTimeout", site.limits.connection_timeout)
            .put("maxUrlSegments", site.limits.max_url_segments)
            .finish();
        write_bindings(site, child_of(schema, "bindings"));
        for (const Application& application : site.applications) {
            write_application(site, application, *schema.collection->item);
        }
        text_ += "</site>\n";
    }

private:
    bool is_own(const Application& application) const {
        return equals_ignoring_case(application.application_pool, pool_.name);
    }

    void write_bindings(const SiteConfiguration& site, const ElementSchema& schema) {
        text_ += "<bindings>\n";
        for (const Binding& binding : site.bindings) {
            ElementWriter(text_, *schema.collection->item)
                .put("protocol", binding.protocol)
                .put("bindingInformation", format_binding_information(binding))
                .put("sslFlags", binding.ssl_flags)
                .finish();
        }
        text_ += "</bindings>\n";
    }

    void write_application(const SiteConfiguration& site, const Application& application,
                           const ElementSchema& schema) {
        const bool own = is_own(application);
        const bool above = std::any_of(site.applications.begin(), site.applications.end(), [&](const Application& other) {
            return is_own(other) && is_above(application.path, other.path);
        });
        // Of those inside its own it knows that they are there: a request must not be mapped past them.
        const bool below = std::any_of(site.applications.begin(), site.applications.end(), [&](const Application& other) {
            return is_own(other) && is_above(other.path, application.path);
        });
        if (!own && !above && !below) return;
        ElementWriter writer(text_, schema);
        writer.put("path", application.path);
        if (own) {
            writer.put("applicationPool", application.application_pool)
                .put("enabledProtocols", application.enabled_protocols)
                .put("serviceAutoStartEnabled", application.service_auto_start_enabled)
                .put("preloadEnabled", application.preload_enabled);
        } else {
            writer.put("applicationPool", std::string("(another pool)"));
        }
        writer.open();
        if (!own && !above) {
            ElementWriter(text_, *schema.collection->item).put("path", std::string("/")).put("physicalPath", std::string("/(another pool)")).finish();
            text_ += "</application>\n";
            return;
        }
        for (const VirtualDirectory& directory : application.virtual_directories) {
            ElementWriter(text_, *schema.collection->item)
                .put("path", directory.path)
                .put("physicalPath", directory.physical_path)
                .put("userName", own ? directory.user_name : std::string())
                .put("allowSubDirConfig", directory.allow_sub_dir_config)
                .finish();
        }
        text_ += "</application>\n";
    }

    std::string& text_;
    const PoolConfiguration& pool_;
};

void write_settings(std::string& text, const ServerConfiguration& configuration, const PoolConfiguration& pool) {
    const ElementSchema& schema = item_of("system.osmia/applicationSettings");
    for (const SiteConfiguration* site : sites_of(configuration, pool)) {
        for (const Application& application : site->applications) {
            if (application.settings == ApplicationSettings{}) continue;
            if (!equals_ignoring_case(application.application_pool, pool.name)) continue;
            ElementWriter(text, schema)
                .put("path", site->name + (application.path == "/" ? std::string() : application.path))
                .put("executionTimeout", application.settings.execution_timeout)
                .put("replay", application.settings.replay)
                .finish();
        }
    }
}

/// web.config files have paths of the Windows machine too.
void write_mappings(std::string& text, const ServerConfiguration& configuration) {
    const SectionNode* node = configuration.document->sections().node("system.osmia/pathMappings");
    if (node == nullptr) return;
    text += "<pathMappings>\n";
    for (const auto& item : node->items) {
        ElementWriter(text, *item->schema).put("from", item->text("from")).put("to", item->text("to")).finish();
    }
    text += "</pathMappings>\n";
}

}  // namespace

std::vector<const SiteConfiguration*> sites_of(const ServerConfiguration& configuration, const PoolConfiguration& pool) {
    std::vector<const SiteConfiguration*> sites;
    const auto& sites_of_pool = configuration.index->sites_of_pool;
    const auto found = sites_of_pool.find(location_key(pool.name));
    if (found == sites_of_pool.end()) return sites;
    for (const std::size_t index : found->second) sites.push_back(&configuration.sites.at(index));
    return sites;
}

std::string pool_part_elements(const ServerConfiguration& configuration, const PoolConfiguration& pool) {
    std::string text = "<system.applicationHost>\n<applicationPools>\n";
    write_pool(text, pool);
    text += "</applicationPools>\n<sites>\n";
    SitesWriter sites(text, pool);
    for (const SiteConfiguration* site : sites_of(configuration, pool)) sites.write(*site);
    text += "</sites>\n</system.applicationHost>\n<system.osmia>\n<applicationSettings>\n";
    write_settings(text, configuration, pool);
    text += "</applicationSettings>\n";
    write_mappings(text, configuration);
    text += "</system.osmia>\n";
    return text;
}

}  // namespace osmia::config
