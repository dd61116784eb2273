#include "osmia/serve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "config/server_configuration.h"
#include "osmia/exit_status.h"
#include "state/folders.h"
#include "state/lock.h"
#include "state/serve_options.h"

namespace osmia::command {

namespace {

int refuse(const std::string& message) {
    std::fprintf(stderr, "osmia: %s\n", message.c_str());
    return Failed;
}

Result<std::string> absolute_path(const std::string& path) {
    char* const full = ::realpath(path.c_str(), nullptr);
    if (full == nullptr) return errno_error(path);
    std::string text(full);
    ::free(full);
    return text;
}

Result<state::ServeOptions> options_of(const ServeArguments& arguments) {
    state::ServeOptions options;
    options.folders = OSMIA_TRY(state::resolve_folders(arguments.state, state::process_variable, ::geteuid()));
    options.listen = arguments.listen;
    options.watch = arguments.watch;
    if (arguments.path.empty()) {
        options.path = OSMIA_TRY(absolute_path(arguments.configuration));
        return options;
    }
    options.path = OSMIA_TRY(absolute_path(arguments.path));
    struct stat status {};
    if (::stat(options.path.c_str(), &status) != 0) return errno_error(options.path);
    if (S_ISDIR(status.st_mode)) {
        options.source = state::ServeSource::Folder;
    } else if (S_ISREG(status.st_mode)) {
        options.source = state::ServeSource::Extension;
    } else {
        return make_error(ErrorKind::Invalid, "{} is neither a folder nor a file", options.path);
    }
    return options;
}

// Warnings are shown by the supervisor, which reads the file again.
bool configuration_is_valid(const state::ServeOptions& options) {
    if (options.source != state::ServeSource::ConfigurationFile) return true;
    const auto loaded = config::load_server_configuration(options.path);
    if (loaded.configuration) return true;
    for (const auto& finding : loaded.diagnostics) std::fputs(config::format_diagnostic(finding).c_str(), stderr);
    return false;
}

// Beside this program in a build tree, in PREFIX/libexec/osmia when installed.
Result<std::string> programs_folder() {
    const std::string own = OSMIA_TRY(executable_folder());
    for (const std::string& folder : {own, own + "/../libexec/osmia"}) {
        if (::access((folder + "/osmia-guardian").c_str(), X_OK) == 0) return absolute_path(folder);
    }
    return make_error(ErrorKind::NotFound, "osmia-guardian is neither in {} nor in {}/../libexec/osmia", own, own);
}

Result<void> become_guardian(const state::ServeOptions& options, const UniqueFd& lock) {
    const std::string folder = OSMIA_TRY(programs_folder());
    const std::string guardian = folder + "/osmia-guardian";
    std::vector<std::string> words{guardian, std::to_string(lock.get()), folder + "/osmia-supervisor"};
    for (auto& argument : state::to_arguments(options)) words.push_back(std::move(argument));
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::fcntl(lock.get(), F_SETFD, 0);
    ::execv(guardian.c_str(), pointers.data());
    return errno_error(guardian);
}

}  // namespace

int run_serve(const ServeArguments& arguments) {
    const auto options = options_of(arguments);
    if (!options.ok()) return refuse(options.error().message);
    const auto prepared = state::prepare_folders(options.value().folders);
    if (!prepared.ok()) return refuse(prepared.error().message);
    const auto lock = state::take_lock(options.value().folders.lock_file(), ::getpid());
    if (!lock.ok()) return refuse(lock.error().message);
    if (!configuration_is_valid(options.value())) return Failed;
    return refuse(become_guardian(options.value(), lock.value()).error().message);
}

int run_probe(const ProbeArguments& arguments) {
    const auto file = absolute_path(arguments.file);
    if (!file.ok()) return refuse(file.error().message);
    const auto folder = programs_folder();
    if (!folder.ok()) return refuse(folder.error().message);
    const std::string worker = folder.value() + "/osmia-worker";
    ::execl(worker.c_str(), worker.c_str(), "--probe", file.value().c_str(), nullptr);
    return refuse(errno_error(worker).message);
}

}  // namespace osmia::command
