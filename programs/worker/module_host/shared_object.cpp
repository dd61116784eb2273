#include "worker/module_host/shared_object.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "worker/crash_note.h"
#include "worker/module_host/needed_libraries.h"
#include "worker/module_host/sha256.h"

namespace osmia::worker {

namespace {

/// Libraries of libraries, so deep.
constexpr int MaxNesting = 16;

/// Keeps the copies' descriptors open: the loader knows them by /proc/self/fd/N, so no N may come twice.
std::vector<UniqueFd>& kept_descriptors() {
    static std::vector<UniqueFd> descriptors;
    return descriptors;
}

std::mutex& load_mutex() {
    static std::mutex mutex;
    return mutex;
}

Result<UniqueFd> make_sealed_copy(const std::string& name, std::span<const std::byte> bytes) {
    UniqueFd copy(::memfd_create(name.substr(0, 200).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!copy) return errno_error("memfd_create");
    std::size_t put = 0;
    while (put < bytes.size()) {
        const ssize_t count = ::write(copy.get(), bytes.data() + put, bytes.size() - put);
        if (count <= 0) return errno_error("writing a private copy");
        put += static_cast<std::size_t>(count);
    }
    if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
        return errno_error("sealing a copy");
    return copy;
}

std::string replace_origin(std::string folder, const std::string& origin) {
    for (const std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
        for (auto at = folder.find(token); at != std::string::npos; at = folder.find(token))
            folder.replace(at, token.size(), origin);
    }
    return folder;
}

Result<void*> open_library(const char* name) {
    void* handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return make_error(ErrorKind::Invalid, "{}", ::dlerror());
    return handle;
}

// Of a library that is mapped: the note that the linker made of what it had linked.
std::span<const std::uint8_t> build_id_of(const dl_phdr_info& info) {
    for (int i = 0; i < info.dlpi_phnum; ++i) {
        const auto& segment = info.dlpi_phdr[i];
        if (segment.p_type != PT_NOTE) continue;
        const auto* const begin = reinterpret_cast<const std::uint8_t*>(info.dlpi_addr + segment.p_vaddr);
        for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= segment.p_memsz;) {
            ElfW(Nhdr) note;
            std::memcpy(&note, begin + at, sizeof note);
            const std::size_t name = at + sizeof note, bits = name + ((note.n_namesz + 3) & ~std::size_t{3});
            if (bits + note.n_descsz > segment.p_memsz) break;
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(begin + name, "GNU", 4) == 0) return {begin + bits, note.n_descsz};
            at = bits + ((note.n_descsz + 3) & ~std::size_t{3});
        }
    }
    return {};
}

/// Reads an object and what it needs from its folder, in the order in which they are to be mapped.
class Collector {
public:
    explicit Collector(ExtensionFiles& files) : files_(files) {}

    Result<void> visit(const std::string& path, int depth = 0) {
        if (depth > MaxNesting) return make_error(ErrorKind::Invalid, "{}: libraries are nested too deep", path);
        visited_.insert(path);
        const auto bytes = OSMIA_TRY(files_.read(path));
        const auto needed = read_needed_libraries(bytes);
        if (!needed.ok()) return make_error(ErrorKind::Invalid, "{}: {}", path, needed.error().message);
        const std::filesystem::path file(path);
        // The loader finds what is mapped already by this name only.
        if (depth > 0 && needed.value().own_name.empty())
            return make_error(ErrorKind::Invalid, "{}: the library has no soname: link it with -Wl,-soname,{}", path,
                              file.filename().string());
        OSMIA_TRY_VOID(visit_neighbours(needed.value(), file.parent_path().string(), depth));
        total_ += bytes.size();
        if (parts.size() >= wire::MaxExtensionFiles || total_ > MaxSharedObjectBytes)
            return make_error(ErrorKind::Invalid, "{}: it brings too many or too large libraries", path);
        parts.push_back({path, sha256_hex(bytes), OSMIA_TRY(make_sealed_copy(file.filename().string(), bytes))});
        return {};
    }

    std::vector<SharedObject::Part> parts;  ///< the object itself is the last

private:
    // What is found in the deployed folders comes from there, so that the loader, asked for the name, has it already.
    // What is not found is left to the loader's own search.
    Result<void> visit_neighbours(const NeededLibraries& needed, const std::string& origin, int depth) {
        for (const std::string& name : needed.names) {
            if (name.find('/') != std::string::npos) continue;
            std::vector<std::string> folders;
            for (const std::string& folder : needed.folders) folders.push_back(replace_origin(folder, origin));
            folders.push_back(origin);  // IIS finds libraries beside the extension without being told
            for (const std::string& folder : folders) {
                const std::string candidate = folder + "/" + name;
                if (!files_.has(candidate)) continue;
                if (!visited_.contains(candidate)) OSMIA_TRY_VOID(visit(candidate, depth + 1));
                break;
            }
        }
        return {};
    }

    ExtensionFiles& files_;
    std::set<std::string> visited_;
    std::size_t total_ = 0;
};

Result<void*> map_copy(SharedObject::Part& part) {
    const std::string name = "/proc/self/fd/" + std::to_string(part.copy.get());
    auto handle = open_library(name.c_str());
    if (!handle.ok()) {
        std::string message = handle.error().message;
        if (const auto at = message.find(name); at != std::string::npos)
            message.replace(at, name.size(), part.path);
        return make_error(ErrorKind::Invalid, "{}", message);
    }
    kept_descriptors().push_back(std::move(part.copy));
    return handle.value();
}

}  // namespace

SharedObject::SharedObject(std::string path, std::vector<wire::StoredFile> files, void* handle)
    : path_(std::move(path)), files_(std::move(files)), handle_(handle) {
    if (!files_.empty()) hash_ = files_.front().hash;
    link_map* map = nullptr;
    if (::dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return;
    struct Search {
        const link_map* map;
        SharedObject* object;
    } search{map, this};
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& wanted = *static_cast<Search*>(data);
            if (info->dlpi_addr != wanted.map->l_addr ||
                info->dlpi_name != std::string_view(wanted.map->l_name))
                return 0;
            std::uintptr_t low = ~std::uintptr_t{0}, high = 0;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const auto& segment = info->dlpi_phdr[i];
                if (segment.p_type != PT_LOAD) continue;
                low = std::min<std::uintptr_t>(low, info->dlpi_addr + segment.p_vaddr);
                high = std::max<std::uintptr_t>(high, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
            }
            wanted.object->base_ = reinterpret_cast<const void*>(low);
            wanted.object->size_ = high - low;
            note_module(wanted.object->path_, wanted.object->base_, wanted.object->size_, build_id_of(*info));
            return 1;
        },
        &search);
}

Result<std::unique_ptr<SharedObject>> SharedObject::load(const std::string& path) {
    const std::lock_guard lock(load_mutex());
    void* handle = OSMIA_TRY(open_library(path.c_str()));
    return std::unique_ptr<SharedObject>(new SharedObject(path, {}, handle));
}

Result<std::vector<SharedObject::Part>> SharedObject::collect(const std::string& path, ExtensionFiles& files) {
    Collector collector(files);
    OSMIA_TRY_VOID(collector.visit(path));
    std::rotate(collector.parts.begin(), std::prev(collector.parts.end()), collector.parts.end());
    return std::move(collector.parts);
}

Result<std::unique_ptr<SharedObject>> SharedObject::load_copy(const std::string& path, ExtensionFiles& files) {
    auto parts = OSMIA_TRY(collect(path, files));
    const std::lock_guard lock(load_mutex());
    std::vector<wire::StoredFile> names;
    for (const Part& part : parts) names.push_back({part.path, part.hash});
    for (auto part = std::next(parts.begin()); part != parts.end(); ++part) OSMIA_TRY(map_copy(*part));
    void* handle = OSMIA_TRY(map_copy(parts.front()));
    return std::unique_ptr<SharedObject>(new SharedObject(path, std::move(names), handle));
}

Result<std::unique_ptr<SharedObject>> SharedObject::load_copy(const std::string& path) {
    DeployedFiles files;
    return load_copy(path, files);
}

void* SharedObject::symbol(const char* name) const {
    return ::dlsym(handle_, name);
}

}  // namespace osmia::worker
