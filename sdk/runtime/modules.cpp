#include "modules.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "../include/osmia_host_runtime.h"
#include "last_error.h"
#include "unicode.h"

namespace osmia::win32 {

namespace {

struct Module {
    size_t size = 0;
    std::string path;
    ULONGLONG threads_started = 0;
};

struct Modules {
    std::mutex mutex;
    std::map<ULONG_PTR, Module> by_base;

    /// The library whose range holds the address. Called with the mutex held.
    Module* containing(const void* address) {
        auto value = reinterpret_cast<ULONG_PTR>(address);
        auto next = by_base.upper_bound(value);
        if (next == by_base.begin()) return nullptr;
        auto& [base, module] = *std::prev(next);
        return value - base < module.size ? &module : nullptr;
    }
};

Modules& modules() {
    static Modules& instance = *new Modules;
    return instance;
}

std::string program_path() {
    char buffer[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", buffer, sizeof buffer);
    return length > 0 ? std::string(buffer, static_cast<size_t>(length)) : std::string();
}

std::optional<std::string> path_of(HMODULE handle) {
    if (!handle) return program_path();
    std::scoped_lock lock(modules().mutex);
    const Module* module = modules().containing(handle);
    if (!module) return std::nullopt;
    return module->path;
}

/// Copies a path as GetModuleFileName does: cut and terminated when it does not fit.
template <class Char>
DWORD copy_path(const std::basic_string<Char>& path, Char* target, DWORD size) {
    if (!target || size == 0) return static_cast<DWORD>(fail(ERROR_INSUFFICIENT_BUFFER));
    size_t length = std::min<size_t>(path.size(), size - 1);
    std::copy_n(path.begin(), length, target);
    target[length] = Char{};
    if (length == path.size()) {
        SetLastError(ERROR_SUCCESS);
        return static_cast<DWORD>(length);
    }
    fail(ERROR_INSUFFICIENT_BUFFER);
    return size;
}

std::string_view file_name(std::string_view path) {
    return path.substr(path.find_last_of("/\\") + 1);
}

}  // namespace

void count_thread_start(const void* start) {
    std::scoped_lock lock(modules().mutex);
    if (Module* module = modules().containing(start)) ++module->threads_started;
}

}  // namespace osmia::win32

using namespace osmia::win32;

BOOL osmia_host_register_module(const void* base, size_t size, const char* deployed_path) {
    if (!base || size == 0 || !deployed_path) return fail(ERROR_INVALID_PARAMETER);
    std::scoped_lock lock(modules().mutex);
    modules().by_base[reinterpret_cast<ULONG_PTR>(base)] = Module{size, deployed_path, 0};
    return TRUE;
}

BOOL osmia_host_unregister_module(const void* base) {
    std::scoped_lock lock(modules().mutex);
    return modules().by_base.erase(reinterpret_cast<ULONG_PTR>(base)) == 1 ? TRUE : fail(ERROR_MOD_NOT_FOUND);
}

ULONGLONG osmia_host_threads_started(const void* base) {
    std::scoped_lock lock(modules().mutex);
    auto found = modules().by_base.find(reinterpret_cast<ULONG_PTR>(base));
    return found == modules().by_base.end() ? 0 : found->second.threads_started;
}

DWORD GetModuleFileNameA(HMODULE module, LPSTR path, DWORD size) {
    auto found = path_of(module);
    if (!found) return static_cast<DWORD>(fail(ERROR_MOD_NOT_FOUND));
    return copy_path(*found, path, size);
}

DWORD GetModuleFileNameW(HMODULE module, LPWSTR path, DWORD size) {
    auto found = path_of(module);
    if (!found) return static_cast<DWORD>(fail(ERROR_MOD_NOT_FOUND));
    return copy_path(utf16(*found), path, size);
}

HMODULE GetModuleHandleA(LPCSTR name) {
    // Documented to be the program's base on Windows; here no code depends on more than NULL naming the
    // program.
    if (!name) return nullptr;
    std::scoped_lock lock(modules().mutex);
    for (const auto& [base, module] : modules().by_base) {
        if (lstrcmpiA(std::string(file_name(module.path)).c_str(), std::string(file_name(name)).c_str()) ==
            0) {
            return reinterpret_cast<HMODULE>(base);
        }
    }
    fail(ERROR_MOD_NOT_FOUND);
    return nullptr;
}

HMODULE GetModuleHandleW(LPCWSTR name) {
    return GetModuleHandleA(name ? utf8(name).c_str() : nullptr);
}

BOOL DisableThreadLibraryCalls(HMODULE) {
    return TRUE;
}
