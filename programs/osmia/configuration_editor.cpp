#include "osmia/configuration_editor.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/files.h"
#include "config/configuration_cache.h"
#include "config/configuration_store.h"
#include "config/machine_document.h"
#include "config/nearest_name.h"
#include "config/url_mapping.h"

namespace osmia::command {

using namespace config;

namespace {

std::string errors_of(const Diagnostics& diagnostics) {
    std::string text;
    for (const Diagnostic& one : diagnostics) {
        if (one.severity == Severity::Error) text += format_diagnostic(one);
    }
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Error refused(const Diagnostics& diagnostics) {
    return make_error(ErrorKind::Invalid, "{}\nnothing was written: the configuration would have errors", errors_of(diagnostics));
}

/// What counts for a file that says nothing.
const ServerConfiguration& shipped() {
    static const ServerConfiguration configuration = *load_server_configuration_text("<configuration/>", "shipped").configuration;
    return configuration;
}

/// The disk with one file replaced.
class OverlayFiles final : public FolderFiles {
public:
    OverlayFiles(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
    Result<FileStamp> stamp(const std::string& path) override {
        if (path != path_) return disk_files().stamp(path);
        FileStamp stamp;
        stamp.exists = true;
        return stamp;
    }
    Result<std::string> read(const std::string& path) override {
        return path == path_ ? Result<std::string>(text_) : disk_files().read(path);
    }

private:
    std::string path_;
    std::string text_;
};

/// The path of a location.
std::string joined(const std::string& site, const std::string& below) {
    return below == "/" ? site : fmt::format("{}{}", site, below);
}

constexpr const char* empty_web_config = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n</configuration>\n";

}  // namespace

std::pair<std::string, std::string> split_path(const std::string& path) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::string below = path.substr(slash);
    while (below.size() > 1 && below.ends_with('/')) below.pop_back();
    if (below.empty()) below += '/';
    return {path.substr(0, slash), std::move(below)};
}

Result<ServerConfiguration> ConfigurationEditor::load() const {
    auto loaded = load_server_configuration(file_);
    if (loaded.configuration) return std::move(*loaded.configuration);
    return make_error(ErrorKind::Invalid, "{}", errors_of(loaded.diagnostics));
}

ConfigurationHistory ConfigurationEditor::history_of(const HistorySettings& settings) const {
    if (!settings.path.empty()) return ConfigurationHistory(settings.path);
    const std::size_t slash = file_.rfind('/');
    return ConfigurationHistory(fmt::format("{}history", file_.substr(0, slash == std::string::npos ? 0 : slash + 1)));
}

ConfigurationHistory ConfigurationEditor::history() const {
    const auto configuration = load();
    return history_of(configuration.ok() ? configuration.value().history : HistorySettings{});
}

/// That a history cannot be written must not keep anybody from mending a configuration.
void ConfigurationEditor::keep(const std::string& bytes, const HistorySettings& settings) {
    if (!settings.enabled || bytes.empty()) return;
    const auto kept = history_of(settings).keep(bytes, settings.max_histories);
    if (!kept.ok()) notes_ += fmt::format("warning: the history is not kept: {}\n", kept.error().message);
}

void ConfigurationEditor::note(const Diagnostics& before, const Diagnostics& after) {
    for (const Diagnostic& one : after) {
        const bool known = std::any_of(before.begin(), before.end(), [&](const Diagnostic& old) { return old.message == one.message; });
        if (!known) notes_ += format_diagnostic(one);
    }
}

Result<void> ConfigurationEditor::edit_machine(const Edit& edit) {
    std::string old_bytes;
    std::string new_bytes;
    std::optional<ServerConfiguration> after;
    const auto changed = change_file(file_, [&](const std::string& bytes) -> Result<std::string> {
        if (bytes.empty()) return make_error(ErrorKind::NotFound, "{} does not exist or is empty", file_);
        auto before = load_server_configuration_text(bytes, file_);
        if (!before.configuration) {
            return make_error(ErrorKind::Invalid, "{}\nmend these errors first; nothing was written", errors_of(before.diagnostics));
        }
        XmlEdit text = OSMIA_TRY(XmlEdit::open(bytes, file_));
        OSMIA_TRY_VOID(edit(text, *before.configuration));
        old_bytes = bytes;
        new_bytes = text.bytes();
        auto result = load_server_configuration_text(new_bytes, file_);
        if (!result.configuration) return refused(result.diagnostics);
        note(before.diagnostics, result.diagnostics);
        after = std::move(result.configuration);
        keep(old_bytes, after->history);
        return new_bytes;
    });
    if (changed.ok()) keep(new_bytes, after->history);
    return changed;
}

Result<void> ConfigurationEditor::edit_web(const ServerConfiguration& machine, const std::string& path, Commit commit,
                                           const std::function<Result<void>(XmlEdit&, const std::string&)>& edit) {
    const auto [site_name, below] = split_path(path);
    const SiteConfiguration* site = machine.find_site(site_name);
    if (site == nullptr) return make_error(ErrorKind::NotFound, "there is no site '{}'", site_name);
    const UrlMapping target = map_url(*site, below);
    std::string folder = target.physical_path;
    std::string location;
    if (commit != Commit::Url) {
        const std::string root = commit == Commit::Site ? "/" : target.application->path;
        folder = map_url(*site, root).physical_path;
        location = below.substr(std::min(below.size(), root == "/" ? 1 : root.size() + 1));
    }
    struct stat status {};
    const bool is_file = ::stat(folder.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
    if (is_file && commit == Commit::Url) {  // a file's settings stand in its folder, for its name
        location = folder.substr(folder.rfind('/') + 1);
        folder.erase(folder.rfind('/'));
    }
    const std::string file = fmt::format("{}{}web.config", folder, folder.ends_with('/') ? "" : "/");
    // Whoever owns the folder must not choose which file is written.
    if (::lstat(file.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
        return make_error(ErrorKind::Denied, "{} is a symbolic link: edit the file that it names", file);
    }
    return change_file(file, [&](const std::string& bytes) -> Result<std::string> {
        XmlEdit text = OSMIA_TRY(XmlEdit::open(bytes.empty() ? empty_web_config : bytes, file));
        OSMIA_TRY_VOID(edit(text, location));
        std::string changed = text.bytes();
        OverlayFiles files(file, changed);
        ConfigurationCache cache(std::make_shared<const ServerConfiguration>(machine), files);
        const auto effective = cache.find(site->id, below);
        if (has_errors(effective->diagnostics)) return refused(effective->diagnostics);
        if (effective->error) return make_error(ErrorKind::Invalid, "{}:{}: {}\nnothing was written", effective->error->file, effective->error->line, effective->error->message);
        note({}, effective->diagnostics);
        return changed;
    });
}

Result<void> ConfigurationEditor::change(const std::string& path, Commit commit, const SectionSchema& section,
                                         const std::vector<Change>& changes) {
    if (path.empty()) {
        return edit_machine([&](XmlEdit& edit, const ServerConfiguration&) {
            return apply_changes(edit, {&section, {}, true}, changes, shipped().document->sections().node(section.path));
        });
    }
    const ServerConfiguration machine = OSMIA_TRY(load());
    const auto [site_name, below] = split_path(path);
    const SiteConfiguration* site = machine.find_site(site_name);
    if (site == nullptr) return make_error(ErrorKind::NotFound, "there is no site '{}'", site_name);
    ConfigurationCache cache(std::make_shared<const ServerConfiguration>(machine));
    const auto sections = cache.sections(site->id, below);
    if (sections == nullptr) return make_error(ErrorKind::Invalid, "'{}' is no path of a URL", below);
    const SectionNode* inherited = sections->node(section.path);
    if (commit == Commit::AppHost) {
        const std::string location = joined(site->name, below);
        return edit_machine([&](XmlEdit& edit, const ServerConfiguration&) {
            return apply_changes(edit, {&section, location, false}, changes, inherited);
        });
    }
    const SectionState& state = sections->state(section);
    if (state.denied && state.denied->level <= 0) {
        return make_error(ErrorKind::Denied, "<{}> is locked for web.config files at '{}': write it into applicationHost.config "
                          "(--commit apphost) or open it (osmia unlock \"{}\" {})", section.path, path, path, section.path);
    }
    return edit_web(machine, path, commit, [&](XmlEdit& edit, const std::string& location) {
        return apply_changes(edit, {&section, location, false}, changes, inherited);
    });
}

Result<void> ConfigurationEditor::clear(const std::string& path, Commit commit, const SectionSchema& section) {
    if (path.empty() || commit == Commit::AppHost) {
        return edit_machine([&](XmlEdit& edit, const ServerConfiguration&) { return remove_section(edit, {&section, path, path.empty()}); });
    }
    const ServerConfiguration machine = OSMIA_TRY(load());
    return edit_web(machine, path, commit, [&](XmlEdit& edit, const std::string& location) {
        return remove_section(edit, {&section, location, false});
    });
}

Result<void> ConfigurationEditor::set_lock(const std::string& path, const SectionSchema& section, bool locked) {
    return edit_machine([&](XmlEdit& edit, const ServerConfiguration& before) -> Result<void> {
        const auto [site_name, below] = split_path(path);
        if (!path.empty() && before.find_site(site_name) == nullptr) return make_error(ErrorKind::NotFound, "there is no site '{}'", site_name);
        return set_override_mode(edit, {&section, path.empty() ? path : joined(site_name, below), path.empty()}, locked ? "Deny" : "Allow");
    });
}

Result<void> ConfigurationEditor::restore(const std::string& text) {
    return change_file(file_, [&](const std::string& bytes) -> Result<std::string> {
        const auto loaded = load_server_configuration_text(text, file_);
        if (!loaded.configuration) return refused(loaded.diagnostics);
        keep(bytes, loaded.configuration->history);
        keep(text, loaded.configuration->history);
        return text;
    });
}

Result<std::vector<ChangeStep>> steps_to(const ServerConfiguration& configuration, const std::string& kind, const std::string& name) {
    std::vector<ChangeStep> steps;
    if (kind == "pool") {
        if (configuration.find_pool(name) != nullptr) return std::vector<ChangeStep>{{{}, {{"name", name}}}};
        std::vector<std::string> names;
        for (const auto& pool : configuration.pools) names.push_back(pool.name);
        return make_error(ErrorKind::NotFound, "there is no application pool '{}'{}", name, suggestion(name, names));
    }
    const auto [site_name, below] = kind == "site" ? std::pair(name, std::string("/")) : split_path(name);
    const SiteConfiguration* site = configuration.find_site(site_name);
    if (site == nullptr) {
        std::vector<std::string> names;
        for (const auto& one : configuration.sites) names.push_back(one.name);
        return make_error(ErrorKind::NotFound, "there is no site '{}'{}", site_name, suggestion(site_name, names));
    }
    steps.push_back({{}, {{"name", site->name}}});
    if (kind == "site") return steps;
    const UrlMapping mapping = map_url(*site, below);
    const std::string application = mapping.application->path;
    if (kind == "app" && !equals_ignoring_case(application, below)) {
        return make_error(ErrorKind::NotFound, "there is no application '{}'", name);
    }
    steps.push_back({{}, {{"path", application}}});
    if (kind == "app") return steps;
    std::string directory = application == "/" ? below : below.substr(application.size());
    if (directory.empty()) directory += '/';
    if (!equals_ignoring_case(mapping.directory->path, directory)) {
        return make_error(ErrorKind::NotFound, "there is no virtual directory '{}'", name);
    }
    steps.push_back({{}, {{"path", mapping.directory->path}}});
    return steps;
}

}  // namespace osmia::command
