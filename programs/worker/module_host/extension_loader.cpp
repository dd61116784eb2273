#include "worker/module_host/extension_loader.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "worker/module_host/sha256.h"

namespace osmia::worker {

namespace {

/// A file that differs from the last good copy and has rested so long was put there while nobody looked.
constexpr long long TrustedRestMilliseconds = 2000;
constexpr long long RestMilliseconds = 200;

bool is_deployed(const wire::StoredFile& file) {
    const FileState state = file_state(file.path);
    if (!state.exists || !is_settled(state, RestMilliseconds)) return false;
    const auto bytes = DeployedFiles().read(file.path);
    return bytes.ok() && sha256_hex(bytes.value()) == file.hash;
}

bool are_deployed(const std::vector<wire::StoredFile>& files) {
    return std::all_of(files.begin(), files.end(), is_deployed);
}

}  // namespace

ExtensionLoader::ExtensionLoader(std::string store, std::function<void(const std::string& file)> changed)
    : store_(std::move(store)),
      changed_(std::move(changed)),
      events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

Result<std::unique_ptr<SharedObject>> ExtensionLoader::load_stored(const wire::StoredExtension& extension) {
    StoredFiles files(store_, extension);
    return SharedObject::load_copy(extension.files.front().path, files);
}

Result<std::unique_ptr<SharedObject>> ExtensionLoader::load(const std::string& file) {
    const auto manifest = read_manifest(store_);
    const wire::StoredExtension* const stored = manifest.find(file);
    DeployedFiles deployed;
    bool changed = false;
    auto loaded = [&]() -> Result<std::unique_ptr<SharedObject>> {
        if (stored == nullptr) return SharedObject::load_copy(file, deployed);
        changed = !are_deployed(stored->files);
        const FileState state = file_state(file);
        const bool refused = !stored->refused.empty() && are_deployed(stored->refused);
        if (changed && state.exists && is_settled(state, TrustedRestMilliseconds) && !refused) {
            auto fresh = SharedObject::load_copy(file, deployed);
            if (fresh.ok()) return fresh;
        }
        auto copy = load_stored(*stored);
        return copy.ok() ? std::move(copy) : SharedObject::load_copy(file, deployed);
    }();
    if (loaded.ok()) watch(file, *loaded.value(), changed);
    return loaded;
}

Result<std::unique_ptr<SharedObject>> ExtensionLoader::load_last_good(const std::string& file,
                                                                      const std::string& failed_hash) {
    const auto manifest = read_manifest(store_);
    const wire::StoredExtension* const stored = manifest.find(file);
    if (stored == nullptr || stored->files.front().hash == failed_hash)
        return make_error(ErrorKind::NotFound, "{}: there is no other copy", file);
    return load_stored(*stored);
}

bool ExtensionLoader::has_copy(const std::string& file) {
    if (store_.empty()) return false;
    const FileState state = file_state(store_ + "/" + wire::ExtensionManifestName);
    const std::lock_guard lock(mutex_);
    if (state != manifest_state_) {
        manifest_state_ = state;
        manifest_ = read_manifest(store_);
    }
    return manifest_.find(file) != nullptr;
}

void ExtensionLoader::watch(const std::string& file, const SharedObject& object, bool changed) {
    const std::lock_guard lock(mutex_);
    Watched& watched = watched_[file];
    watched.changed = changed;
    watched.files.clear();
    for (const auto& part : object.files()) {
        watched.files[part.path] = file_state(part.path);
        const std::string folder = std::filesystem::path(part.path).parent_path().string();
        if (folders_.contains(folder) || folders_.size() >= MaxWatchedFolders) continue;
        constexpr std::uint32_t Events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
        folders_[folder] = ::inotify_add_watch(events_.get(), folder.c_str(), Events);
    }
}

void ExtensionLoader::check() {
    alignas(inotify_event) char buffer[4096];
    while (::read(events_.get(), buffer, sizeof buffer) > 0) {
        // Which name it was does not matter: the files themselves are looked at.
    }
    std::vector<std::string> changed;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [file, watched] : watched_) {
            bool differs = std::exchange(watched.changed, false);
            for (auto& [path, state] : watched.files) {
                const FileState now = file_state(path);
                if (now == state) continue;
                state = now;
                differs = true;
            }
            if (differs) changed.push_back(file);
        }
    }
    for (const std::string& file : changed) changed_(file);
}

}  // namespace osmia::worker
