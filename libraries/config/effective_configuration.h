/// \file
/// The system.webServer sections in force at one URL, typed: what a worker looks at for each request.
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
#include "config/server_configuration.h"

namespace osmia::config {

class SectionSet;

/// Why the configuration at a URL cannot be used: the answer is 500.19, its page shows these.
struct ConfigurationError {
    ErrorNumber number = ErrorNumber::BadData;
    std::string message;
    std::string file;
    std::uint32_t line = 0;
    std::string source_line;
};

enum class ResourceType { File = 0, Directory = 1, Either = 2, Unspecified = 3 };
enum class RequireAccess { None = 0, Read = 1, Write = 2, Script = 3, Execute = 4 };

/// Bits of handlers/@accessPolicy, in IIS's numbering.
namespace access_policy {
inline constexpr std::uint32_t None = 0, Read = 1, Write = 2, Execute = 4, Source = 16, Script = 512,
                               NoRemoteWrite = 1024, NoRemoteRead = 4096, NoRemoteExecute = 8192,
                               NoRemoteScript = 16384;
}

/// One `<handlers><add>`. Entries whose preCondition does not hold for the pool are left out of the list.
struct Handler {
    std::string name;
    std::string path;                  ///< "*", "*.ext", a file name or a URL path, as written
    std::string verb;                  ///< as written: "*" or a comma list
    std::vector<std::string> verbs;    ///< split; empty: any
    std::string type;                  ///< of a managed handler; Osmia has no host for these: 500.21 when one is chosen
    std::vector<std::string> modules;  ///< each is asked in this order until one handles
    std::string script_processor;      ///< Windows separators turned into '/'
    ResourceType resource_type = ResourceType::Unspecified;
    RequireAccess require_access = RequireAccess::Script;
    bool allow_path_info = false;
    std::string pre_condition;
    std::uint32_t response_buffer_limit = 4194304;
};

struct HandlersSection {
    std::uint32_t access_policy = access_policy::Read;
    std::vector<Handler> handlers;  ///< the first match wins
};

/// One `<modules><add>` of a native module that runs at this URL.
struct Module {
    std::string name;
    std::string pre_condition;
};

struct ModulesSection {
    std::vector<Module> modules;
};

struct DefaultDocumentSection {
    bool enabled = true;
    std::vector<std::string> files;
};

enum class CacheControlMode { NoControl = 0, DisableCache = 1, UseMaxAge = 2, UseExpires = 3 };

struct StaticContentSection {
    CacheControlMode cache_control_mode = CacheControlMode::NoControl;
    std::chrono::milliseconds cache_control_max_age = std::chrono::hours(24);
    std::string http_expires;
    std::string cache_control_custom;
    bool set_etag = true;
    /// Lower-case extension with its dot ("." for a name without one, ".*" for any other) to MIME type.
    std::unordered_map<std::string, std::string> mime_types;

    /// The MIME type for a file name, by its last extension; null when there is none (404.3).
    const std::string* mime_type(std::string_view file_name) const;
};

struct IsapiCgiRestrictionSection {
    struct Item {
        std::string path;  ///< as configured, expanded, Windows separators turned into '/'
        bool allowed = false;
        std::string group_id;
        std::string description;
    };
    bool not_listed_isapis_allowed = false;
    bool not_listed_cgis_allowed = false;
    std::vector<Item> items;

    /// Whether the extension \a image (an absolute path, compared with case) may run: its item decides, else
    /// not_listed_isapis_allowed. False is 404.2.
    bool isapi_allowed(std::string_view image) const;
    /// The same for a program: an item that is the whole command line ("FILE ARGUMENTS") or its file alone decides, else
    /// not_listed_cgis_allowed.
    bool cgi_allowed(std::string_view command) const;
};

struct DirectoryBrowseSection {
    bool enabled = false;
    std::uint32_t show_flags = 2 | 4 | 8 | 16;  ///< Date 2, Time 4, Size 8, Extension 16, LongDate 32
};

struct ServerRuntimeSection {
    bool enabled = true;
    std::uint32_t app_concurrent_request_limit = 5000;
    std::uint32_t max_request_entity_allowed = 0xffffffff;
    std::uint32_t upload_read_ahead_size = 49152;
    std::string alternate_host_name;
    std::uint32_t frequent_hit_threshold = 2;
    std::chrono::milliseconds frequent_hit_time_period = std::chrono::seconds(10);
};

/// Everything in force at one configuration path. Immutable and shared by all requests of that path, on any thread.
/// When error is set the other sections hold what was in force above the bad file, for logging; nothing is served.
struct EffectiveConfiguration {
    std::optional<ConfigurationError> error;
    std::shared_ptr<const HandlersSection> handlers;
    std::shared_ptr<const ModulesSection> modules;
    std::shared_ptr<const DefaultDocumentSection> default_document;
    std::shared_ptr<const StaticContentSection> static_content;
    std::shared_ptr<const IsapiCgiRestrictionSection> isapi_cgi_restriction;
    std::shared_ptr<const DirectoryBrowseSection> directory_browse;
    std::shared_ptr<const ServerRuntimeSection> server_runtime;
    std::shared_ptr<const SectionSet> sections;  ///< every section, for modules that read their own
    Diagnostics diagnostics;                ///< of the web.config files on the way: all errors, all warnings
    std::vector<std::string> files;         ///< the web.config files that were read, outermost first
};

}  // namespace osmia::config
