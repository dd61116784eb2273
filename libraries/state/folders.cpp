#include "state/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <cstdlib>

#include "base/files.h"

namespace osmia::state {

namespace {

constexpr std::string_view VersionPrefix = "osmia-state ";
constexpr const char* SystemRuntime = "/run/osmia";
constexpr const char* SystemLasting = "/var/lib/osmia";

Result<std::string> absolute(const std::string& path) {
    if (path.empty()) return make_error(ErrorKind::Invalid, "the state folder's name is empty");
    std::string full = path;
    if (path[0] != '/') {
        char current[PATH_MAX];
        if (::getcwd(current, sizeof current) == nullptr) return errno_error("the current folder");
        full = std::string(current) + "/" + path;
    }
    while (full.size() > 1 && full.back() == '/') full.pop_back();
    return full;
}

Result<Folders> user_folders(const GetVariable& variable) {
    std::string lasting;
    if (const auto home = variable("XDG_STATE_HOME"); home && !home->empty()) {
        lasting = *home + "/osmia";
    } else if (const auto user = variable("HOME"); user && !user->empty()) {
        lasting = *user + "/.local/state/osmia";
    } else {
        return make_error(ErrorKind::Invalid, "no place for the state: set --state, $OSMIA_STATE or $HOME");
    }
    const auto runtime = variable("XDG_RUNTIME_DIR");
    return Folders{runtime && !runtime->empty() ? *runtime + "/osmia" : lasting + "/run", lasting};
}

Result<void> check_version(const std::string& folder) {
    const std::string path = folder + "/version";
    const auto text = read_file(path, 64);
    if (!text.ok() && text.error().kind == ErrorKind::NotFound) {
        return replace_file(path, fmt::format("{}{}\n", VersionPrefix, LayoutVersion));
    }
    if (!text.ok()) return text.error();
    const std::string_view line = text.value();
    int version = 0;
    if (line.starts_with(VersionPrefix)) {
        std::from_chars(line.data() + VersionPrefix.size(), line.data() + line.size(), version);
    }
    if (version <= 0) return make_error(ErrorKind::Invalid, "{}: not the version file of a state folder", path);
    if (version > LayoutVersion) {
        return make_error(ErrorKind::Invalid, "{} has layout {}, this program knows only {}: use the newer osmia, or another --state",
                          folder, version, LayoutVersion);
    }
    return {};
}

// The identities of pools must pass through a folder that somebody made for root alone; they still cannot list it.
Result<void> let_identities_pass(const std::string& folder) {
    struct stat status {};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0 || status.st_uid != 0 || (status.st_mode & 0011) == 0011) return {};
    if (::chmod(folder.c_str(), (status.st_mode & 07777) | 0011) != 0) return errno_error(folder);
    return {};
}

}  // namespace

std::string Folders::logs() const {
    return runtime == SystemRuntime && lasting == SystemLasting ? "/var/log/osmia" : lasting + "/logs";
}

std::optional<std::string> process_variable(const char* name) {
    const char* value = ::getenv(name);
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

Result<Folders> resolve_folders(const std::optional<std::string>& option, const GetVariable& variable, uid_t uid) {
    const auto named = option ? option : variable("OSMIA_STATE");
    if (named && (option || !named->empty())) {
        const std::string folder = OSMIA_TRY(absolute(*named));
        return Folders{folder, folder};
    }
    if (uid == 0) return Folders{SystemRuntime, SystemLasting};
    return user_folders(variable);
}

Result<void> prepare_folders(const Folders& folders) {
    for (const auto& folder : {folders.runtime, folders.lasting}) {
        OSMIA_TRY_VOID(make_directories(folder, 0755));
        OSMIA_TRY_VOID(let_identities_pass(folder));
        OSMIA_TRY_VOID(check_version(folder));
    }
    OSMIA_TRY_VOID(make_directories(folders.running(), 0700));
    OSMIA_TRY_VOID(make_directories(folders.temporary(), 0711));
    OSMIA_TRY_VOID(make_directories(folders.pools(), 0711));
    OSMIA_TRY_VOID(make_directories(folders.data(), 0711));
    OSMIA_TRY_VOID(make_directories(folders.extensions(), 0711));
    OSMIA_TRY_VOID(make_directories(folders.logs(), 0750));
    return make_directories(folders.crashes(), 0750);
}

}  // namespace osmia::state
