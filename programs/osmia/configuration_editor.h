/// \file
/// The configuration verbs: what they change, in which file, and that only a configuration without errors is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/change.h"
#include "config/configuration_history.h"
#include "config/section_edit.h"
#include "config/server_configuration.h"

namespace osmia::command {

/// Where a change for a path is written.
enum class Commit {
    Url,      ///< the web.config of the path itself
    App,      ///< the application's root web.config, with a `<location>` for what is below
    Site,     ///< the site's root web.config, likewise
    AppHost,  ///< applicationHost.config, in a `<location>`
};

/// The attributes of a thing to be made, by name; dotted names reach into child elements ("processModel.idleTimeout").
using Settings = config::AttributeList;

/// Edits the files of one configuration. Every method writes one file or nothing: NotFound (no such object or section), Busy
/// (it exists already), Invalid (the result would have errors; the message has them), Denied. Not thread-safe.
class ConfigurationEditor {
public:
    explicit ConfigurationEditor(std::string file) : file_(std::move(file)) {}

    /// Loads the file; Invalid: it has errors, which the message tells.
    Result<config::ServerConfiguration> load() const;

    /// Changes a section for a path: "" is the server, "Site/application/folder" below.
    Result<void> change(const std::string& path, Commit commit, const config::SectionSchema& section,
                        const std::vector<config::Change>& changes);
    Result<void> clear(const std::string& path, Commit commit, const config::SectionSchema& section);
    /// Locks or unlocks a section for the files below a path, in applicationHost.config.
    Result<void> set_lock(const std::string& path, const config::SectionSchema& section, bool locked);

    /// "name", "id" (nothing: the next), "bindings" ("http/*:80:host,…"), "physicalPath", and attributes of the site.
    Result<void> add_site(Settings settings);
    /// \a name: "Site/path". "physicalPath" and attributes of the application.
    Result<void> add_application(const std::string& name, Settings settings);
    /// \a name: "Site/path": the longest application in front, the rest is the directory's path.
    Result<void> add_directory(const std::string& name, Settings settings);
    Result<void> add_pool(const std::string& name, const Settings& settings);
    /// With "image": the shared object is listed in globalModules too.
    Result<void> add_module(const std::string& name, Settings settings);

    /// \a kind: site, app, vdir, pool or module. Settings as above; a name with '~' in front is taken back.
    Result<void> set(const std::string& kind, const std::string& name, const std::vector<config::Change>& changes);
    Result<void> remove(const std::string& kind, const std::string& name);

    /// Puts an earlier text in the place of applicationHost.config.
    Result<void> restore(const std::string& text);

    /// Where earlier versions are, and whether they are kept.
    config::ConfigurationHistory history() const;

    /// Warnings about what was written that were not there before.
    const std::string& notes() const { return notes_; }
    const std::string& file() const { return file_; }

private:
    using Edit = std::function<Result<void>(config::XmlEdit& edit, const config::ServerConfiguration& before)>;
    Result<void> edit_machine(const Edit& edit);
    Result<void> edit_web(const config::ServerConfiguration& machine, const std::string& path, Commit commit,
                          const std::function<Result<void>(config::XmlEdit&, const std::string& location)>& edit);
    void note(const config::Diagnostics& before, const config::Diagnostics& after);
    void keep(const std::string& bytes, const config::HistorySettings& settings);
    config::ConfigurationHistory history_of(const config::HistorySettings& settings) const;

    std::string file_;
    std::string notes_;
};

/// "Site/app/x" in its parts: the site's name and "/app/x".
std::pair<std::string, std::string> split_path(const std::string& path);

/// The steps to an object in system.applicationHost: sites or applicationPools. NotFound: there is none.
Result<std::vector<config::ChangeStep>> steps_to(const config::ServerConfiguration& configuration, const std::string& kind,
                                                 const std::string& name);

}  // namespace osmia::command
