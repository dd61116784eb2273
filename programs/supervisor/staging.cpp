#include "supervisor/staging.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/files.h"
#include "supervisor/reach.h"

namespace osmia::supervisor {

namespace {

namespace fs = std::filesystem;

// In a build tree and under an installed prefix alike: PREFIX/bin or PREFIX/libexec/osmia beside PREFIX/lib/osmia.
std::string library_folder(const std::string& executable_folder) {
    for (const char* way : {"/../lib/osmia", "/../../lib/osmia"}) {
        std::error_code error;
        const auto folder = fs::canonical(executable_folder + way, error);
        if (!error) return folder;
    }
    return executable_folder + "/../lib/osmia";
}

Programs programs_at(const std::string& executables, const std::string& libraries) {
    return {executables + "/osmia-listener", executables + "/osmia-worker", executables + "/osmia-symbolizer", libraries + "/modules"};
}

Result<void> copy_readable(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    if (error) return make_error(ErrorKind::System, "{} cannot be copied to {}: {}", from.string(), to.string(), error.message());
    if (::chmod(to.c_str(), 0755) != 0) return errno_error(to.string());
    return {};
}

// The libraries of ours that the worker and extensions link, beside lib/osmia.
std::vector<fs::path> own_libraries(const std::string& libraries) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(fs::path(libraries).parent_path(), ignored)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("libosmia-") && name.find(".so") != std::string::npos && entry.is_regular_file(ignored)) found.push_back(entry.path());
    }
    return found;
}

// A running worker keeps what it has mapped: the files are removed and made anew, never written to.
Result<Programs> stage(const std::string& executables, const std::string& libraries, const std::string& stage_folder) {
    std::error_code ignored;
    fs::remove_all(stage_folder, ignored);
    const std::string bin = stage_folder + "/bin";
    const std::string lib = stage_folder + "/lib/osmia";
    OSMIA_TRY_VOID(make_directories(bin, 0755));
    OSMIA_TRY_VOID(make_directories(lib + "/modules", 0755));
    for (const char* name : {"osmia-listener", "osmia-worker", "osmia-symbolizer"}) {
        OSMIA_TRY_VOID(copy_readable(executables + "/" + name, bin + "/" + name));
    }
    for (const auto& library : own_libraries(libraries)) {
        OSMIA_TRY_VOID(copy_readable(library, fs::path(lib).parent_path() / library.filename()));
    }
    for (fs::recursive_directory_iterator it(libraries, ignored), end; it != end; it.increment(ignored)) {
        const fs::path target = lib / fs::relative(it->path(), libraries, ignored);
        if (it->is_directory(ignored)) {
            OSMIA_TRY_VOID(make_directories(target, 0755));
        } else if (it->is_regular_file(ignored)) {
            OSMIA_TRY_VOID(copy_readable(it->path(), target));
        }
    }
    return programs_at(bin, lib);
}

}  // namespace

Result<Programs> find_programs(const std::string& executable_folder, const state::Folders& folders,
                               const std::optional<Identity>& stranger) {
    const std::string libraries = library_folder(executable_folder);
    const Programs programs = programs_at(executable_folder, libraries);
    if (!stranger) return programs;
    std::vector<fs::path> needed{programs.worker, programs.listener, programs.modules_folder};
    for (auto& library : own_libraries(libraries)) needed.push_back(std::move(library));
    const auto denied = [&](const fs::path& path) { return find_denial(path, *stranger).has_value(); };
    if (std::none_of(needed.begin(), needed.end(), denied)) return programs;
    if (const auto denial = find_denial(folders.runtime + "/version", *stranger)) {
        return make_error(ErrorKind::Denied, "the state folder cannot be reached by the identities of pools: {}", denial->message);
    }
    return stage(executable_folder, libraries, folders.stage());
}

}  // namespace osmia::supervisor
