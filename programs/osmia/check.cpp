#include "osmia/check.h"

#include <cstdio>
#include <filesystem>
#include <set>

#include "config/certificate_files.h"
#include "config/configuration_cache.h"
#include "config/configuration_file.h"
#include "config/machine_document.h"
#include "osmia/exit_status.h"

namespace osmia::command {

using namespace config;

namespace {

/// Folders of one virtual directory that are looked into; a larger tree is checked in part, and that is said.
constexpr std::size_t MaxFolders = 20'000;

/// Looks at a configuration and the web.config files in its sites' folders.
class Checker {
public:
    Checker(std::shared_ptr<const ServerConfiguration> configuration, bool verbose)
        : configuration_(std::move(configuration)), verbose_(verbose), cache_(configuration_) {}

    bool run() {
        if (verbose_) list_foreign(configuration_->document->file());
        for (const SiteConfiguration& site : configuration_->sites) {
            for (const Application& application : site.applications) {
                for (const VirtualDirectory& directory : application.virtual_directories) {
                    std::string url = application.path == "/" ? "" : application.path;
                    if (directory.path != "/") url += directory.path;
                    walk(site, directory.physical_path, url);
                }
            }
        }
        return good_;
    }

    std::size_t web_files() const { return seen_.size(); }

private:
    void walk(const SiteConfiguration& site, const std::string& folder, const std::string& url) {
        using std::filesystem::directory_options;
        std::error_code error;
        std::filesystem::recursive_directory_iterator entries(folder, directory_options::skip_permission_denied, error);
        look(site, folder, url);
        std::size_t count = 0;
        for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error)) {
            if (!entries->is_directory(error) || entries->is_symlink(error)) continue;
            if (++count > MaxFolders) {
                std::fprintf(stderr, "%s: more than %zu folders; the rest is not checked\n", folder.c_str(), MaxFolders);
                return;
            }
            look(site, entries->path(), url + entries->path().string().substr(folder.size()));
        }
    }

    void look(const SiteConfiguration& site, const std::string& folder, const std::string& url) {
        const std::string file = folder + (folder.ends_with('/') ? "web.config" : "/web.config");
        std::error_code error;
        if (!std::filesystem::exists(file, error) || !seen_.insert(file).second) return;
        const auto effective = cache_.find(site.id, url.empty() ? "/" : url);
        for (const Diagnostic& one : effective->diagnostics) {
            if (one.file != file) continue;
            std::fputs(format_diagnostic(one).c_str(), stderr);
            if (one.severity == Severity::Error) good_ = false;
        }
        if (effective->error && !has_errors(effective->diagnostics) && effective->error->file == file) {
            good_ = false;
            std::fprintf(stderr, "%s:%u: error: %s\n%s\n", file.c_str(), effective->error->line, effective->error->message.c_str(),
                         effective->error->source_line.c_str());
        }
        if (!verbose_) return;
        for (const auto& read : cache_.files(site.id, url.empty() ? "/" : url)) {
            if (read->document().name() == file) list_foreign(*read);
        }
    }

    void list_foreign(const ConfigurationFile& file) {
        for (const ForeignElement& one : file.foreign()) {
            std::printf("%s:%u:%u: <%s> is accepted and not looked at: %s\n", one.place.file->c_str(), one.place.line,
                        one.place.column, one.path.c_str(), one.reason);
        }
    }

    std::shared_ptr<const ServerConfiguration> configuration_;
    bool verbose_;
    ConfigurationCache cache_;
    std::set<std::string> seen_;
    bool good_ = true;
};

}  // namespace

int run_check(const CheckArguments& arguments) {
    auto loaded = load_server_configuration(arguments.configuration);
    if (loaded.configuration) {
        const auto missing = check_certificates(*loaded.configuration);
        loaded.diagnostics.insert(loaded.diagnostics.end(), missing.begin(), missing.end());
        if (!missing.empty()) loaded.configuration.reset();
    }
    for (const auto& finding : loaded.diagnostics) std::fputs(format_diagnostic(finding).c_str(), stderr);
    if (!loaded.configuration) return Failed;
    const auto configuration = std::make_shared<const ServerConfiguration>(std::move(*loaded.configuration));
    Checker checker(configuration, arguments.verbose);
    const bool good = checker.run();
    std::printf("%s: %zu sites, %zu pools, %zu web.config files, %s\n", arguments.configuration.c_str(), configuration->sites.size(),
                configuration->pools.size(), checker.web_files(), good ? "no errors" : "with errors");
    return good ? Done : Failed;
}

}  // namespace osmia::command
