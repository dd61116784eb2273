#include "supervisor/configuration_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "config/certificate_files.h"
#include "config/folder_configuration.h"

namespace osmia::supervisor {

namespace {

// A configuration file beyond this is somebody's mistake.
constexpr std::size_t MaxConfigurationBytes = 64 << 20;

ConfigurationReading failed(const std::string& source, const std::string& message) {
    ConfigurationReading reading;
    reading.source = source;
    config::Diagnostic diagnostic;
    diagnostic.file = source;
    diagnostic.message = message;
    reading.diagnostics.push_back(diagnostic);
    return reading;
}

std::string empty_folder(const state::Folders& folders) { return folders.runtime + "/empty"; }

Result<std::string> make_text(const state::ServeOptions& options, bool privileged) {
    config::FolderOptions folder;
    folder.folder = options.path;
    folder.listen = options.listen;
    if (options.source == state::ServeSource::Extension) {
        folder.extension = options.path;
        folder.folder = empty_folder(options.folders);
        OSMIA_TRY_VOID(make_directories(folder.folder, 0755));
    }
    struct stat status {};
    if (::stat(options.path.c_str(), &status) != 0) return errno_error(options.path);
    if (privileged && status.st_uid != 0) folder.user = user_of(status.st_uid, status.st_gid);
    return config::folder_configuration_text(folder);
}

ConfigurationReading load(std::string text, const std::string& source) {
    ConfigurationReading reading;
    reading.source = source;
    reading.text = text;
    auto loaded = config::load_server_configuration_text(std::move(text), source);
    reading.configuration = std::move(loaded.configuration);
    reading.diagnostics = std::move(loaded.diagnostics);
    return reading;
}

}  // namespace

std::string describe_source(const state::ServeOptions& options) {
    return options.source == state::ServeSource::ConfigurationFile ? options.path : "(osmia serve " + options.path + ")";
}

ConfigurationReading read_configuration(const state::ServeOptions& options, bool privileged) {
    const std::string source = describe_source(options);
    auto text = options.source == state::ServeSource::ConfigurationFile ? read_file(options.path, MaxConfigurationBytes)
                                                                        : make_text(options, privileged);
    if (!text.ok()) return failed(source, text.error().message);
    auto reading = load(std::move(text).value(), source);
    if (!reading.configuration) return reading;
    const auto missing = config::check_certificates(*reading.configuration);
    if (!missing.empty()) reading.configuration.reset();
    reading.diagnostics.insert(reading.diagnostics.end(), missing.begin(), missing.end());
    return reading;
}

Result<void> keep_accepted(const state::Folders& folders, const ConfigurationReading& reading) {
    return replace_file(folders.accepted_configuration(), reading.text, 0600);
}

ConfigurationReading read_accepted(const state::Folders& folders, const std::string& source) {
    auto text = read_file(folders.accepted_configuration(), MaxConfigurationBytes);
    if (!text.ok()) return failed(folders.accepted_configuration(), text.error().message);
    return load(std::move(text).value(), source);
}

std::string text_of(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const auto& one : diagnostics) text += config::format_diagnostic(one);
    return text;
}

}  // namespace osmia::supervisor
