#include "config/configuration_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/files.h"
#include "config/folder_chain.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

class DiskFiles final : public FolderFiles {
public:
    Result<FileStamp> stamp(const std::string& path) override {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) {
            if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return FileStamp{};
            return errno_error(path);
        }
        const auto nanoseconds = [](const timespec& time) { return time.tv_sec * 1000000000 + time.tv_nsec; };
        FileStamp stamp;
        stamp.exists = true;
        stamp.directory = S_ISDIR(status.st_mode);
        stamp.device = status.st_dev;
        stamp.inode = status.st_ino;
        stamp.modified_nanoseconds = nanoseconds(status.st_mtim);
        stamp.changed_nanoseconds = nanoseconds(status.st_ctim);
        stamp.size = status.st_size;
        return stamp;
    }
    Result<std::string> read(const std::string& path) override { return read_file(path, max_web_config_bytes); }
};

/// A map that forgets the least recently used entry beyond \a limit.
template <class Entry>
class RecentMap {
public:
    explicit RecentMap(std::size_t limit) : limit_(limit) {}

    /// Null when absent. The pointer lives to the next put().
    Entry* find(const std::string& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->second;
    }
    void put(const std::string& key, Entry entry) {
        if (Entry* existing = find(key)) {
            *existing = std::move(entry);
            return;
        }
        order_.emplace_front(key, std::move(entry));
        index_[key] = order_.begin();
        if (order_.size() <= limit_) return;
        index_.erase(order_.back().first);
        order_.pop_back();
    }

private:
    std::size_t limit_;
    std::list<std::pair<std::string, Entry>> order_;
    std::unordered_map<std::string, typename std::list<std::pair<std::string, Entry>>::iterator> index_;
};

std::shared_ptr<const EffectiveConfiguration> failed(ErrorNumber number, std::string message, std::string file) {
    auto result = std::make_shared<EffectiveConfiguration>();
    result->error = ConfigurationError{number, std::move(message), std::move(file), 0, {}};
    result->handlers = std::make_shared<HandlersSection>();
    result->modules = std::make_shared<ModulesSection>();
    result->default_document = std::make_shared<DefaultDocumentSection>();
    result->static_content = std::make_shared<StaticContentSection>();
    result->isapi_cgi_restriction = std::make_shared<IsapiCgiRestrictionSection>();
    result->directory_browse = std::make_shared<DirectoryBrowseSection>();
    result->server_runtime = std::make_shared<ServerRuntimeSection>();
    return result;
}

/// Whether \a path ("/a") is an application or a whole virtual directory, or lies above one.
bool leads_to_application(const SiteConfiguration& site, const std::string& path) {
    const auto reaches = [&](const std::string& target) {
        return target.size() >= path.size() && equals_ignoring_case(std::string_view(target).substr(0, path.size()), path) &&
               (target.size() == path.size() || target[path.size()] == '/');
    };
    for (const Application& application : site.applications) {
        const std::string prefix = application.path == "/" ? std::string() : application.path;
        for (const VirtualDirectory& directory : application.virtual_directories) {
            if (reaches(directory.path == "/" ? prefix : prefix + directory.path)) return true;
        }
    }
    return false;
}

}  // namespace

FolderFiles& disk_files() {
    static DiskFiles files;
    return files;
}

class ConfigurationCache::Implementation {
public:
    Implementation(std::shared_ptr<const ServerConfiguration> configuration, FolderFiles& files, Clock clock)
        : configuration_(std::move(configuration)), files_(files), clock_(std::move(clock)) {
        const bool known = !configuration_->pools.empty();
        pool_ = known ? configuration_->pools.front() : PoolConfiguration{};
        server_ = server_state(*configuration_, pool_);
    }

    std::shared_ptr<const EffectiveConfiguration> find(std::uint32_t site_id, std::string_view url_path) {
        const std::string key = std::to_string(site_id) + std::string(url_path);
        const TimePoint now = clock_();
        {
            const std::lock_guard lock(urls_mutex_);
            if (UrlEntry* entry = urls_.find(key)) {
                if (now - entry->checked < recheck_interval) return entry->configuration;
                entry->checked = now;  // this thread looks again; others go on with what there is
            }
        }
        auto configuration = look_up(site_id, url_path, now);
        if (url_path.size() > max_cached_url_length) return configuration;
        const std::lock_guard lock(urls_mutex_);
        urls_.put(key, {configuration, now});
        return configuration;
    }

    std::shared_ptr<const SectionSet> sections(std::uint32_t site_id, std::string_view url_path) {
        std::shared_ptr<const EffectiveConfiguration> problem;
        const auto state = walk(site_id, url_path, clock_(), problem);
        return state == nullptr ? nullptr : std::shared_ptr<const SectionSet>(state, &state->sections);
    }

    std::vector<std::shared_ptr<const ConfigurationFile>> files(std::uint32_t site_id, std::string_view url_path) {
        std::shared_ptr<const EffectiveConfiguration> problem;
        const auto state = walk(site_id, url_path, clock_(), problem);
        return state == nullptr ? std::vector<std::shared_ptr<const ConfigurationFile>>() : state->files;
    }

private:
    struct UrlEntry {
        std::shared_ptr<const EffectiveConfiguration> configuration;
        TimePoint checked;
    };
    struct FolderEntry {
        std::shared_ptr<const FolderState> state;
        TimePoint checked;
        std::vector<std::pair<std::string, FileStamp>> sources;  ///< the files that configSource names
    };

    /// The way to one URL.
    struct Chain {
        const SiteConfiguration* site;
        bool web_files;  ///< whether web.config files count
        std::string key(const std::string& path) const { return (web_files ? "" : "!") + std::to_string(site->id) + path; }
    };

    std::shared_ptr<const EffectiveConfiguration> look_up(std::uint32_t site_id, std::string_view url_path,
                                                          TimePoint now) {
        std::shared_ptr<const EffectiveConfiguration> problem;
        const auto state = walk(site_id, url_path, now, problem);
        return state == nullptr ? problem : state->effective;
    }

    /// The state at a URL, or null and why there is none.
    std::shared_ptr<const FolderState> walk(std::uint32_t site_id, std::string_view url_path, TimePoint now,
                                            std::shared_ptr<const EffectiveConfiguration>& problem) {
        const SiteConfiguration* site = configuration_->find_site(site_id);
        if (site == nullptr) {
            problem = failed(ErrorNumber::PathNotFound, fmt::format("there is no site {}", site_id), configuration_->source);
            return nullptr;
        }
        const auto refuse = [&](std::string_view path) {
            problem = unusable(path);
            return nullptr;
        };
        if (url_path.find('\0') != std::string_view::npos) return refuse(url_path);
        const std::lock_guard lock(folders_mutex_);
        const Chain chain{site, reads_web_files(*site, url_path)};
        std::string path;  // "" for the site, then "/a", "/a/b"
        auto state = visit(chain, path, server_, now);
        std::size_t depth = 0;
        while (!url_path.empty()) {
            url_path.remove_prefix(url_path.starts_with('/') ? 1 : 0);
            const std::string_view segment = url_path.substr(0, url_path.find('/'));
            url_path.remove_prefix(segment.size());
            if (segment.empty()) continue;
            if (segment == "." || segment == "..") return refuse(url_path);
            path += '/';
            path += segment;
            if (!is_fresh(chain, path, now) && !goes_on(*site, path, *state)) break;
            // A folder deeper than the limit might hold a web.config that closes it: nothing fails open.
            if (++depth > max_configuration_depth) return refuse(path);
            state = visit(chain, path, state, now);
        }
        return state;
    }

    std::shared_ptr<const EffectiveConfiguration> unusable(std::string_view url_path) const {
        return failed(ErrorNumber::BadData,
                      fmt::format("the URL path is not normalised, or deeper than {} folders: {}",
                                  max_configuration_depth, url_path.substr(0, max_cached_url_length)),
                      configuration_->source);
    }

    bool is_fresh(const Chain& chain, const std::string& path, TimePoint now) {
        const FolderEntry* entry = folders_.find(chain.key(path));
        return entry != nullptr && now - entry->checked < recheck_interval;
    }

    /// Whether there is anything to find at \a path: a folder, a location, an application.
    bool goes_on(const SiteConfiguration& site, const std::string& path, const FolderState& above) {
        if (leads_to_application(site, path)) return true;
        if (has_location_at_or_below(above, *configuration_->document, location_key(site.name + path))) return true;
        const auto stamp = files_.stamp(map_url(site, path).physical_path);
        return !stamp.ok() || (stamp.value().exists && stamp.value().directory);
    }

    /// enableConfigurationOverride="false" of an application's pool hides every web.config on the way to it.
    bool reads_web_files(const SiteConfiguration& site, std::string_view url_path) const {
        const PoolConfiguration* pool = configuration_->find_pool(map_url(site, url_path).application->application_pool);
        return (pool != nullptr ? *pool : pool_).enable_configuration_override;
    }

    FolderStep step_to(const Chain& chain, const std::string& path) const {
        const SiteConfiguration& site = *chain.site;
        const std::string url = path.empty() ? "/" : path;
        const UrlMapping mapping = map_url(site, url);
        FolderStep step;
        step.path = location_key(site.name + path);
        step.application_root = path.empty() || mapping.application_length == path.size();
        const PoolConfiguration* pool = configuration_->find_pool(mapping.application->application_pool);
        step.pool = pool != nullptr ? pool : &pool_;
        const bool at_directory = path.empty() || mapping.directory_length == path.size();
        const bool below_directory = !at_directory && mapping.directory->allow_sub_dir_config;
        if (chain.web_files && step.pool->enable_configuration_override && (at_directory || below_directory)) {
            const std::string& folder = mapping.physical_path;
            step.web_file = folder + (folder.ends_with('/') ? "web.config" : "/web.config");
        }
        return step;
    }

    std::shared_ptr<const FolderState> visit(const Chain& chain, const std::string& path,
                                             const std::shared_ptr<const FolderState>& above, TimePoint now) {
        const std::string key = chain.key(path);
        FolderEntry* entry = folders_.find(key);
        const bool same_above = entry != nullptr && entry->state->above == above;
        if (same_above && now - entry->checked < recheck_interval) return entry->state;
        const FolderStep step = step_to(chain, path);
        auto stamp = step.web_file.empty() ? Result<FileStamp>(FileStamp{}) : files_.stamp(step.web_file);
        if (same_above && stamp.ok() && stamp.value() == entry->state->stamp && !entry->state->stamp.directory &&
            are_unchanged(entry->sources)) {
            entry->checked = now;
            return entry->state;
        }
        FolderEntry made{nullptr, now, {}};
        made.state = make(above, step, std::move(stamp), made.sources);
        folders_.put(key, made);
        return made.state;
    }

    bool are_unchanged(const std::vector<std::pair<std::string, FileStamp>>& sources) {
        return std::all_of(sources.begin(), sources.end(), [&](const auto& source) {
            const auto stamp = files_.stamp(source.first);
            return stamp.ok() && stamp.value() == source.second;
        });
    }

    std::shared_ptr<const FolderState> make(const std::shared_ptr<const FolderState>& above, const FolderStep& step,
                                            Result<FileStamp> stamp,
                                            std::vector<std::pair<std::string, FileStamp>>& sources) {
        std::optional<Result<std::string>> content;
        // A stamp that no file has makes the next check read again.
        FileStamp seen;
        seen.directory = true;
        if (!stamp.ok()) {
            content = Result<std::string>(stamp.error());
        } else {
            seen = stamp.value();
            if (seen.exists) content = files_.read(step.web_file);
        }
        const auto read_source = [&](const std::string& path) -> Result<std::string> {
            const auto before = files_.stamp(path);
            sources.emplace_back(path, before.ok() ? before.value() : FileStamp{});
            if (before.ok() && !before.value().exists) return make_error(ErrorKind::NotFound, "{} does not exist", path);
            return files_.read(path);
        };
        return step_down(above, step, *configuration_->document, seen, std::move(content), read_source);
    }

    std::shared_ptr<const ServerConfiguration> configuration_;
    FolderFiles& files_;
    Clock clock_;
    PoolConfiguration pool_;  ///< for applications of pools that this configuration does not hold
    std::shared_ptr<const FolderState> server_;

    std::mutex urls_mutex_;
    RecentMap<UrlEntry> urls_{max_cached_urls};
    std::mutex folders_mutex_;  ///< held while files are read
    RecentMap<FolderEntry> folders_{max_cached_urls};
};

ConfigurationCache::ConfigurationCache(std::shared_ptr<const ServerConfiguration> configuration, FolderFiles& files,
                                       Clock clock)
    : implementation_(std::make_unique<Implementation>(std::move(configuration), files, std::move(clock))) {}

ConfigurationCache::~ConfigurationCache() = default;

std::shared_ptr<const EffectiveConfiguration> ConfigurationCache::find(std::uint32_t site_id,
                                                                       std::string_view url_path) {
    return implementation_->find(site_id, url_path);
}

std::shared_ptr<const SectionSet> ConfigurationCache::sections(std::uint32_t site_id, std::string_view url_path) {
    return implementation_->sections(site_id, url_path);
}

std::vector<std::shared_ptr<const ConfigurationFile>> ConfigurationCache::files(std::uint32_t site_id,
                                                                                std::string_view url_path) {
    return implementation_->files(site_id, url_path);
}

}  // namespace osmia::config
