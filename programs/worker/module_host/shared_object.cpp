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

/// A file that changes while it is read is read again so many times.
constexpr int ReadAttempts = 5;
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

bool same_state(const struct stat& a, const struct stat& b) {
    return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
           a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

Result<std::vector<std::byte>> read_once(const std::string& path, bool& stable) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    struct stat before, after;
    if (!file || ::fstat(file.get(), &before) != 0) return errno_error(path);
    if (!S_ISREG(before.st_mode)) return make_error(ErrorKind::Invalid, "{}: not a regular file", path);
    if (static_cast<std::size_t>(before.st_size) > MaxSharedObjectBytes)
        return make_error(ErrorKind::Invalid, "{}: too large", path);
    std::vector<std::byte> bytes(static_cast<std::size_t>(before.st_size));
    std::size_t got = 0;
    while (got < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + got, bytes.size() - got);
        if (count < 0) return errno_error(path);
        if (count == 0) break;
        got += static_cast<std::size_t>(count);
    }
    stable = got == bytes.size() && ::fstat(file.get(), &after) == 0 && same_state(before, after);
    return bytes;
}

Result<std::vector<std::byte>> read_stable(const std::string& path) {
    for (int attempt = 0; attempt < ReadAttempts; ++attempt) {
        bool stable = false;
        auto bytes = OSMIA_TRY(read_once(path, stable));
        if (stable) return bytes;
    }
    return make_error(ErrorKind::Busy, "{}: the file is being written", path);
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

struct Copy {
    void* handle;
    std::string hash;
};

Result<Copy> map_copy(const std::string& path, std::set<std::string>& visiting, int depth);

// Maps what \a needed finds in the deployed folders, so that the loader, asked for the name, has it already.
// What is not found there is left to the loader's own search.
Result<void> map_neighbours(const NeededLibraries& needed, const std::string& origin,
                            std::set<std::string>& visiting, int depth) {
    for (const std::string& name : needed.names) {
        if (name.find('/') != std::string::npos) continue;
        std::vector<std::string> folders;
        for (const std::string& folder : needed.folders) folders.push_back(replace_origin(folder, origin));
        folders.push_back(origin);  // IIS finds libraries beside the extension without being told
        for (const std::string& folder : folders) {
            const std::string candidate = folder + "/" + name;
            struct stat facts;
            if (::stat(candidate.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
            if (!visiting.insert(candidate).second) break;
            const auto mapped = map_copy(candidate, visiting, depth + 1);
            if (!mapped.ok()) return mapped.error();
            break;
        }
    }
    return {};
}

Result<Copy> map_copy(const std::string& path, std::set<std::string>& visiting, int depth) {
    if (depth > MaxNesting) return make_error(ErrorKind::Invalid, "{}: libraries are nested too deep", path);
    const auto bytes = OSMIA_TRY(read_stable(path));
    const auto needed = read_needed_libraries(bytes);
    if (!needed.ok()) return make_error(ErrorKind::Invalid, "{}: {}", path, needed.error().message);
    const std::filesystem::path file(path);
    OSMIA_TRY_VOID(map_neighbours(needed.value(), file.parent_path().string(), visiting, depth));
    UniqueFd copy = OSMIA_TRY(make_sealed_copy(file.filename().string(), bytes));
    const std::string name = "/proc/self/fd/" + std::to_string(copy.get());
    auto handle = open_library(name.c_str());
    if (!handle.ok()) {
        std::string message = handle.error().message;
        if (const auto at = message.find(name); at != std::string::npos)
            message.replace(at, name.size(), path);
        return make_error(ErrorKind::Invalid, "{}", message);
    }
    kept_descriptors().push_back(std::move(copy));
    return Copy{handle.value(), sha256_hex(bytes)};
}

}  // namespace

SharedObject::SharedObject(std::string path, std::string hash, void* handle)
    : path_(std::move(path)), hash_(std::move(hash)), handle_(handle) {
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
    return std::unique_ptr<SharedObject>(new SharedObject(path, "", handle));
}

Result<std::unique_ptr<SharedObject>> SharedObject::load_copy(const std::string& path) {
    const std::lock_guard lock(load_mutex());
    std::set<std::string> visiting{path};
    Copy copy = OSMIA_TRY(map_copy(path, visiting, 0));
    return std::unique_ptr<SharedObject>(new SharedObject(path, std::move(copy.hash), copy.handle));
}

void* SharedObject::symbol(const char* name) const {
    return ::dlsym(handle_, name);
}

}  // namespace osmia::worker
