#include <algorithm>

#include "config/typed_reading.h"

namespace osmia::config {
namespace {

ProcessModel read_process_model(const SectionView& view) {
    ProcessModel model;
    model.identity_type = view.choice<IdentityType>("identityType");
    model.user_name = view.text("userName");
    model.password = view.text("password");
    model.load_user_profile = view.flag("loadUserProfile");
    model.set_profile_environment = view.flag("setProfileEnvironment");
    model.manual_group_membership = view.flag("manualGroupMembership");
    model.idle_timeout = view.time("idleTimeout");
    model.idle_timeout_action = view.choice<IdleTimeoutAction>("idleTimeoutAction");
    model.max_processes = view.number("maxProcesses");
    model.shutdown_time_limit = view.time("shutdownTimeLimit");
    model.startup_time_limit = view.time("startupTimeLimit");
    model.pinging_enabled = view.flag("pingingEnabled");
    model.ping_interval = view.time("pingInterval");
    model.ping_response_time = view.time("pingResponseTime");
    model.log_event_on_process_model = view.number("logEventOnProcessModel");
    return model;
}

Recycling read_recycling(const SectionView& view) {
    Recycling recycling;
    recycling.disallow_overlapping_rotation = view.flag("disallowOverlappingRotation");
    recycling.disallow_rotation_on_config_change = view.flag("disallowRotationOnConfigChange");
    recycling.log_event_on_recycle = view.number("logEventOnRecycle");
    const SectionView periodic = view.child("periodicRestart");
    recycling.memory_kilobytes = periodic.number("memory");
    recycling.private_memory_kilobytes = periodic.number("privateMemory");
    recycling.requests = periodic.number("requests");
    recycling.time = periodic.time("time");
    for (const SectionNode* item : periodic.child("schedule").items()) {
        recycling.schedule.push_back(Milliseconds(item->value("value").number));
    }
    std::sort(recycling.schedule.begin(), recycling.schedule.end());
    return recycling;
}

Failure read_failure(const SectionView& view) {
    Failure failure;
    failure.load_balancer_capabilities = view.choice<LoadBalancerCapabilities>("loadBalancerCapabilities");
    failure.orphan_worker_process = view.flag("orphanWorkerProcess");
    failure.orphan_action_exe = view.text("orphanActionExe");
    failure.orphan_action_params = view.text("orphanActionParams");
    failure.rapid_fail_protection = view.flag("rapidFailProtection");
    failure.rapid_fail_protection_interval = view.time("rapidFailProtectionInterval");
    failure.rapid_fail_protection_max_crashes = view.number("rapidFailProtectionMaxCrashes");
    failure.auto_shutdown_exe = view.text("autoShutdownExe");
    failure.auto_shutdown_params = view.text("autoShutdownParams");
    return failure;
}

Cpu read_cpu(const SectionView& view) {
    Cpu cpu;
    cpu.limit = view.number("limit");
    cpu.action = view.choice<CpuAction>("action");
    cpu.reset_interval = view.time("resetInterval");
    cpu.smp_affinitized = view.flag("smpAffinitized");
    cpu.smp_processor_affinity_mask = view.number("smpProcessorAffinityMask");
    cpu.smp_processor_affinity_mask2 = view.number("smpProcessorAffinityMask2");
    return cpu;
}

PoolConfiguration read_pool(const SectionView& view) {
    PoolConfiguration pool;
    pool.name = view.text("name");
    pool.queue_length = view.number("queueLength");
    pool.auto_start = view.flag("autoStart");
    pool.enable_32bit_app_on_win64 = view.flag("enable32BitAppOnWin64");
    pool.managed_runtime_version = view.text("managedRuntimeVersion");
    pool.enable_configuration_override = view.flag("enableConfigurationOverride");
    pool.managed_pipeline_mode = view.choice<PipelineMode>("managedPipelineMode");
    pool.start_mode = view.choice<StartMode>("startMode");
    pool.process_model = read_process_model(view.child("processModel"));
    pool.recycling = read_recycling(view.child("recycling"));
    pool.failure = read_failure(view.child("failure"));
    pool.cpu = read_cpu(view.child("cpu"));
    for (const SectionNode* item : view.child("environmentVariables").items()) {
        pool.environment_variables.push_back({item->text("name"), item->text("value")});
    }
    return pool;
}

void check_pool(const PoolConfiguration& pool, const SectionNode& item, const TypedReport& report) {
    const ProcessModel& model = pool.process_model;
    if (pool.name.empty()) report.missing(item.place, "a pool's 'name' must not be empty");
    if (model.identity_type == IdentityType::SpecificUser && model.user_name.empty()) {
        report.error(item.place, ErrorNumber::BadData,
                     fmt::format("the pool '{}' has identityType SpecificUser and needs a 'userName'", pool.name));
    }
    for (const EnvironmentVariable& variable : pool.environment_variables) {
        if (variable.name.find('=') == std::string::npos) continue;
        report.error(item.place, ErrorNumber::BadData,
                     fmt::format("the environment variable '{}' of the pool '{}' has '=' in its name", variable.name,
                                 pool.name));
    }
}

}  // namespace

std::vector<PoolConfiguration> read_pools(const SectionSet& sections, const TypedReport& report) {
    std::vector<PoolConfiguration> pools;
    const SectionNode* section = sections.node("system.applicationHost/applicationPools");
    if (section == nullptr) return pools;
    for (const auto& item : section->items) {
        SectionView view(*item->schema);
        view.then(item.get()).then(section->child("applicationPoolDefaults"));
        pools.push_back(read_pool(view));
        check_pool(pools.back(), *item, report);
    }
    return pools;
}

}  // namespace osmia::config
