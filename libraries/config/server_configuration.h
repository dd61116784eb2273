/// \file
/// The typed form of applicationHost.config for the supervisor (and, restricted to one pool, for a worker): pools,
/// sites, applications, listener limits. Every attribute has its schema default when the file says nothing.
///
/// Names follow the attributes. All values are checked: an enumerator, a range or a cross reference that is wrong is a
/// diagnostic at load time, never a value here. Plain data, comparable, safe to share between threads once loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/diagnostics.h"
#include "config/proxy_entry.h"
#include "config/server_index.h"

namespace osmia::config {

class MachineDocument;  ///< the parsed file beneath; see pool_configuration.h and effective_configuration.h

using Milliseconds = std::chrono::milliseconds;

enum class StartMode { OnDemand = 0, AlwaysRunning = 1 };
enum class PipelineMode { Integrated = 0, Classic = 1 };
enum class IdentityType { LocalSystem = 0, LocalService, NetworkService, SpecificUser, ApplicationPoolIdentity };
enum class IdleTimeoutAction { Terminate = 0, Suspend = 1 };
enum class LoadBalancerCapabilities { TcpLevel = 1, HttpLevel = 2 };
enum class CpuAction { NoAction = 0, KillW3wp = 1, Throttle = 2, ThrottleUnderLoad = 3 };

/// Bits of recycling/@logEventOnRecycle.
namespace recycle_event {
inline constexpr std::uint32_t Time = 1, Requests = 2, Schedule = 4, Memory = 8, IsapiUnhealthy = 16, OnDemand = 32,
                               ConfigChange = 64, PrivateMemory = 128;
}

struct ProcessModel {
    IdentityType identity_type = IdentityType::ApplicationPoolIdentity;
    std::string user_name;  ///< of SpecificUser
    std::string password;
    bool load_user_profile = false;
    bool set_profile_environment = true;
    bool manual_group_membership = false;
    Milliseconds idle_timeout = std::chrono::minutes(20);  ///< 0: never
    IdleTimeoutAction idle_timeout_action = IdleTimeoutAction::Terminate;
    std::uint32_t max_processes = 1;  ///< more than 1: a web garden; 0: one per NUMA node
    Milliseconds shutdown_time_limit = std::chrono::seconds(90);
    Milliseconds startup_time_limit = std::chrono::seconds(90);
    bool pinging_enabled = true;
    Milliseconds ping_interval = std::chrono::seconds(30);
    Milliseconds ping_response_time = std::chrono::seconds(90);
    std::uint32_t log_event_on_process_model = 1;

    bool operator==(const ProcessModel&) const = default;
};

struct Recycling {
    bool disallow_overlapping_rotation = false;
    bool disallow_rotation_on_config_change = false;
    std::uint32_t log_event_on_recycle = 255;    ///< bits of recycle_event
    std::uint32_t memory_kilobytes = 0;          ///< 0: off
    std::uint32_t private_memory_kilobytes = 0;  ///< 0: off
    std::uint32_t requests = 0;                  ///< 0: off
    Milliseconds time = std::chrono::hours(29);  ///< 0: off
    std::vector<Milliseconds> schedule;          ///< times of day, sorted

    bool operator==(const Recycling&) const = default;
};

struct Failure {
    LoadBalancerCapabilities load_balancer_capabilities = LoadBalancerCapabilities::HttpLevel;
    bool orphan_worker_process = false;
    std::string orphan_action_exe;
    std::string orphan_action_params;
    bool rapid_fail_protection = true;
    Milliseconds rapid_fail_protection_interval = std::chrono::minutes(5);
    std::uint32_t rapid_fail_protection_max_crashes = 5;
    std::string auto_shutdown_exe;
    std::string auto_shutdown_params;

    bool operator==(const Failure&) const = default;
};

struct Cpu {
    std::uint32_t limit = 0;  ///< thousandths of a percent: 100000 is one whole machine; 0: off
    CpuAction action = CpuAction::NoAction;
    Milliseconds reset_interval = std::chrono::minutes(5);
    bool smp_affinitized = false;
    std::uint32_t smp_processor_affinity_mask = 0xffffffff;
    std::uint32_t smp_processor_affinity_mask2 = 0xffffffff;

    bool operator==(const Cpu&) const = default;
};

struct EnvironmentVariable {
    std::string name;
    std::string value;

    bool operator==(const EnvironmentVariable&) const = default;
};

struct PoolConfiguration {
    std::string name;
    std::uint32_t queue_length = 1000;
    bool auto_start = true;
    bool enable_32bit_app_on_win64 = false;
    std::string managed_runtime_version;
    bool enable_configuration_override = true;  ///< false: no web.config is read for this pool's applications
    PipelineMode managed_pipeline_mode = PipelineMode::Integrated;
    StartMode start_mode = StartMode::OnDemand;
    ProcessModel process_model;
    Recycling recycling;
    Failure failure;
    Cpu cpu;
    std::vector<EnvironmentVariable> environment_variables;

    bool operator==(const PoolConfiguration&) const = default;
};

/// One `<binding>`. For http and https, bindingInformation is `IP:PORT:HOST`, `*:PORT:HOST`, `[IPv6]:PORT:HOST`, or, as an
/// extension of ours and for http only, `unix:PATH` (a PATH without ':').
struct Binding {
    std::string protocol;  ///< "http" or "https"
    std::string address;   ///< "*" (every address), an IPv4 address, an IPv6 address without brackets, or empty (unix)
    std::uint16_t port = 0;  ///< 0 lets the system choose
    std::string host;        ///< lower case; empty: any; may be "*.example.org"
    std::string unix_path;   ///< set for unix sockets only
    std::uint32_t ssl_flags = 0;  ///< bits of ssl_flag

    bool is_https() const { return protocol == "https"; }
    bool is_unix() const { return !unix_path.empty(); }
    bool operator==(const Binding&) const = default;
};

/// Bits of binding/@sslFlags, in IIS's numbering.
namespace ssl_flag {
inline constexpr std::uint32_t Sni = 1, CentralStore = 2, DisableHttp2 = 4, DisableOcspStapling = 8, DisableQuic = 16,
                               DisableTls13 = 32, DisableLegacyTls = 64;
}

/// system.osmia/certificates: which files an https binding's certificate is in.
struct CertificateSetting {
    std::string binding;   ///< as format_binding_information writes it
    std::string file;      ///< PEM (certificate, chain, perhaps the key) or PKCS#12
    std::string key_file;  ///< empty: the key is in `file`

    bool operator==(const CertificateSetting&) const = default;
};

struct SiteLimits {
    std::uint32_t max_bandwidth = 0xffffffff;    ///< bytes per second; 0xffffffff: unlimited
    std::uint32_t max_connections = 0xffffffff;  ///< 0xffffffff: unlimited
    Milliseconds connection_timeout = std::chrono::minutes(2);
    std::uint32_t max_url_segments = 32;

    bool operator==(const SiteLimits&) const = default;
};

enum class LogFormat { Iis = 0, Ncsa = 1, W3c = 2, Custom = 3 };
enum class LogPeriod { MaxSize = 0, Daily = 1, Weekly = 2, Monthly = 3, Hourly = 4 };
enum class LogFieldSource { RequestHeader = 0, ResponseHeader = 1, ServerVariable = 2 };

/// Bits of logFile/@logExtFileFlags, in IIS's numbering.
namespace log_field {
inline constexpr std::uint32_t Date = 1, Time = 2, ClientIp = 4, UserName = 8, SiteName = 16, ComputerName = 32,
                               ServerIp = 64, Method = 128, UriStem = 256, UriQuery = 512, HttpStatus = 1024,
                               Win32Status = 2048, BytesSent = 4096, BytesRecv = 8192, TimeTaken = 16384,
                               ServerPort = 32768, UserAgent = 65536, Cookie = 131072, Referer = 262144,
                               ProtocolVersion = 524288, Host = 1048576, HttpSubStatus = 2097152;
}

struct CustomLogField {
    std::string log_field_name;
    std::string source_name;
    LogFieldSource source_type = LogFieldSource::RequestHeader;

    bool operator==(const CustomLogField&) const = default;
};

struct LogFile {
    bool enabled = true;
    LogFormat format = LogFormat::W3c;
    std::uint32_t fields = 0;  ///< bits of log_field
    std::string directory;     ///< empty: the state folder's logs
    LogPeriod period = LogPeriod::Daily;
    std::uint64_t truncate_size = 20971520;
    bool local_time_rollover = false;
    bool log_site_id = true;
    std::uint32_t flush_by_entry_count = 0;
    std::uint32_t max_log_line_length = 65536;
    std::uint32_t max_custom_field_length = 4096;
    std::vector<CustomLogField> custom_fields;

    bool operator==(const LogFile&) const = default;
};

struct Hsts {
    bool enabled = false;
    std::uint32_t max_age = 0;
    bool include_sub_domains = false;
    bool preload = false;
    bool redirect_http_to_https = false;

    bool operator==(const Hsts&) const = default;
};

struct FailedRequestTracing {
    bool enabled = false;
    std::string directory;
    std::uint32_t max_log_files = 50;
    std::uint32_t max_log_file_kilobytes = 1024;
    bool custom_actions_enabled = false;

    bool operator==(const FailedRequestTracing&) const = default;
};

struct VirtualDirectory {
    std::string path;           ///< "/" or "/name", relative to its application
    std::string physical_path;  ///< absolute, '/' as separator, without a trailing '/' (except "/")
    std::string user_name;
    bool allow_sub_dir_config = true;  ///< false: only the web.config in physical_path itself counts

    bool operator==(const VirtualDirectory&) const = default;
};

/// What the keyed section system.osmia/applicationSettings says of one application.
enum class Replay { None = 0, Safe = 1 };
struct ApplicationSettings {
    Milliseconds execution_timeout = Milliseconds(0);  ///< 0: off
    Replay replay = Replay::Safe;                      ///< what may be sent again after a worker's death

    bool operator==(const ApplicationSettings&) const = default;
};

struct Application {
    std::string path;              ///< "/" or "/name" or "/name/deeper"
    std::string application_pool;  ///< resolved: never empty, names an existing pool
    std::string enabled_protocols = "http";
    bool service_auto_start_enabled = false;
    bool preload_enabled = false;
    std::vector<VirtualDirectory> virtual_directories;  ///< holds a "/"
    ApplicationSettings settings;

    bool operator==(const Application&) const = default;
};

struct SiteConfiguration {
    std::string name;
    std::uint32_t id = 0;
    bool server_auto_start = true;
    std::vector<Binding> bindings;
    SiteLimits limits;
    LogFile log_file;
    Hsts hsts;
    FailedRequestTracing failed_request_tracing;
    std::vector<Application> applications;  ///< holds a "/"

    bool operator==(const SiteConfiguration&) const = default;
};

struct WebLimits {
    std::uint32_t max_global_bandwidth = 0xffffffff;
    Milliseconds connection_timeout = std::chrono::minutes(2);
    std::uint32_t demand_start_threshold = 2147483647;
    std::uint32_t dynamic_idle_threshold = 0;
    Milliseconds header_wait_timeout = Milliseconds(0);  ///< 0: listener_limits.header_timeout
    std::uint32_t min_bytes_per_second = 240;
    std::uint32_t dynamic_registration_threshold = 100;

    bool operator==(const WebLimits&) const = default;
};

/// system.osmia/limits: what the listener enforces for every connection before a site is known.
struct ListenerLimits {
    std::uint32_t max_request_line = 16384;   ///< bytes
    std::uint32_t max_header_bytes = 16384;   ///< all fields of a request
    std::uint32_t max_header_fields = 100;
    std::uint32_t max_url_segments = 255;
    std::uint32_t max_url_segment_length = 260;  ///< characters
    std::uint32_t max_connections = 0;        ///< 0: as many as descriptors allow
    std::uint32_t body_read_ahead = 49152;    ///< bytes of a body held before the request is queued
    std::uint32_t body_drain_bytes = 65536;   ///< unread body swallowed before the connection closes
    Milliseconds body_drain_timeout = std::chrono::seconds(5);
    Milliseconds header_timeout = std::chrono::seconds(20);
    Milliseconds body_timeout = std::chrono::seconds(120);  ///< between two arrivals of body data
    Milliseconds idle_timeout = std::chrono::seconds(120);
    Milliseconds queue_timeout = std::chrono::seconds(120);  ///< waiting for a worker

    bool operator==(const ListenerLimits&) const = default;
};

/// `<globalModules>`: the shared objects a worker maps, in this order. In a pool's own part (load_pool_configuration) only
/// those whose preCondition holds for the pool.
struct GlobalModule {
    std::string name;
    std::string image;  ///< '/' as separator; a name without '/' is looked up in the modules folder
    std::string pre_condition;

    bool operator==(const GlobalModule&) const = default;
};

/// configHistory: what is kept of earlier versions.
struct HistorySettings {
    bool enabled = true;
    std::string path;  ///< empty: "history" beside the file
    std::uint32_t max_histories = 10;

    bool operator==(const HistorySettings&) const = default;
};

/// The whole of one applicationHost.config. Copies share the document.
struct ServerConfiguration {
    std::string source;  ///< the file's path, or the name given to load_server_configuration_text
    std::vector<PoolConfiguration> pools;
    std::vector<SiteConfiguration> sites;
    WebLimits web_limits;
    bool log_in_utf8 = true;
    ListenerLimits listener_limits;
    std::vector<ProxySettings> proxies;
    std::vector<GlobalModule> global_modules;
    std::string certificate_folder;  ///< where a binding without an entry of its own has its certificate
    std::vector<CertificateSetting> certificates;
    HistorySettings history;
    std::shared_ptr<const MachineDocument> document;
    std::shared_ptr<const ServerIndex> index;  ///< made by loading; null: the lists are searched

    /// Names compare without case. The pointer lives as long as this object is unchanged; null: no such object. After a change
    /// of pools or sites the index must be dropped.
    const PoolConfiguration* find_pool(std::string_view name) const;
    const SiteConfiguration* find_site(std::string_view name) const;
    const SiteConfiguration* find_site(std::uint32_t id) const;
};

/// A load: the configuration, or nothing when any diagnostic is an error; warnings come with a configuration.
struct LoadedServerConfiguration {
    std::optional<ServerConfiguration> configuration;
    Diagnostics diagnostics;
};

/// Reads, validates and types an applicationHost.config. Never throws; a file that cannot be read is a diagnostic.
/// Reports every error of the file, not the first. Environment variables (`%NAME%`) come from this process.
LoadedServerConfiguration load_server_configuration(const std::string& path);

/// The same for text in memory; \a name stands for the file in diagnostics.
LoadedServerConfiguration load_server_configuration_text(std::string text, const std::string& name);
}  // namespace osmia::config
