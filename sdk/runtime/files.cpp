/// \file
/// Opening and naming files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "../include/osmia_host_runtime.h"
#include "file_object.h"
#include "last_error.h"
#include "paths.h"
#include "unicode.h"

namespace osmia::win32 {

File::~File() {
    close(descriptor_);
}

namespace {

constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kNewFolderMode = 0777;

std::optional<int> disposition_flags(DWORD disposition) {
    switch (disposition) {
        case CREATE_NEW:
            return O_CREAT | O_EXCL;
        case CREATE_ALWAYS:
            return O_CREAT | O_TRUNC;
        case OPEN_EXISTING:
            return 0;
        case OPEN_ALWAYS:
            return O_CREAT;
        case TRUNCATE_EXISTING:
            return O_TRUNC;
        default:
            return std::nullopt;
    }
}

int access_flags(DWORD access) {
    bool reads = (access & (GENERIC_READ | FILE_READ_DATA)) != 0;
    bool writes = (access & (GENERIC_WRITE | FILE_WRITE_DATA)) != 0;
    bool appends = !writes && (access & FILE_APPEND_DATA) != 0;
    int mode = writes || appends ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY;
    return mode | (appends ? O_APPEND : 0);
}

/// ENOENT means two things to Windows: the file is missing, or its folder is.
DWORD missing_file_error(const std::string& path) {
    size_t slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return ERROR_FILE_NOT_FOUND;
    struct stat folder {};
    return stat(path.substr(0, slash).c_str(), &folder) == 0 ? ERROR_FILE_NOT_FOUND : ERROR_PATH_NOT_FOUND;
}

BOOL fail_for_path(const std::string& path) {
    return errno == ENOENT ? fail(missing_file_error(path)) : fail_with_errno();
}

HANDLE refuse(DWORD error) {
    fail(error);
    return INVALID_HANDLE_VALUE;
}

/// CREATE_ALWAYS and OPEN_ALWAYS tell by the last error whether the file was there.
DWORD success_code(DWORD disposition, bool existed) {
    bool tells = disposition == CREATE_ALWAYS || disposition == OPEN_ALWAYS;
    return tells && existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS;
}

HANDLE enter(int descriptor) {
    auto file = std::make_shared<File>(descriptor);
    HANDLE handle = open_handle(file);
    return handle ? handle : INVALID_HANDLE_VALUE;
}

HANDLE open_path(const std::string& path, DWORD access, DWORD disposition, DWORD flags) {
    std::optional<int> how = disposition_flags(disposition);
    if (!how || path.empty()) return refuse(how ? ERROR_PATH_NOT_FOUND : ERROR_INVALID_PARAMETER);
    if (disposition == TRUNCATE_EXISTING && (access & GENERIC_WRITE) == 0)
        return refuse(ERROR_INVALID_PARAMETER);
    struct stat status {};
    bool existed = stat(path.c_str(), &status) == 0;
    if (existed && S_ISDIR(status.st_mode)) return refuse(ERROR_ACCESS_DENIED);
    int synchronous = (flags & FILE_FLAG_WRITE_THROUGH) != 0 ? O_DSYNC : 0;
    int descriptor =
        open(path.c_str(), *how | access_flags(access) | synchronous | O_CLOEXEC | O_NOCTTY, kNewFileMode);
    if (descriptor < 0) {
        fail_for_path(path);
        return INVALID_HANDLE_VALUE;
    }
    HANDLE handle = enter(descriptor);
    if (handle != INVALID_HANDLE_VALUE) SetLastError(success_code(disposition, existed));
    return handle;
}

DWORD attributes_of(const struct stat& status) {
    DWORD attributes = S_ISDIR(status.st_mode) ? FILE_ATTRIBUTE_DIRECTORY : 0;
    if ((status.st_mode & 0222) == 0) attributes |= FILE_ATTRIBUTE_READONLY;
    return attributes ? attributes : FILE_ATTRIBUTE_NORMAL;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

HANDLE CreateFileA(LPCSTR path, DWORD access, DWORD, LPSECURITY_ATTRIBUTES, DWORD disposition, DWORD flags,
                   HANDLE) {
    return path ? open_path(posix_path(path), access, disposition, flags) : refuse(ERROR_INVALID_PARAMETER);
}

HANDLE CreateFileW(LPCWSTR path, DWORD access, DWORD share_mode, LPSECURITY_ATTRIBUTES attributes,
                   DWORD disposition, DWORD flags, HANDLE pattern) {
    return CreateFileA(path ? utf8(path).c_str() : nullptr, access, share_mode, attributes, disposition,
                       flags, pattern);
}

BOOL DeleteFileA(LPCSTR path) {
    if (!path) return fail(ERROR_INVALID_PARAMETER);
    std::string name = posix_path(path);
    return unlink(name.c_str()) == 0 ? TRUE : fail_for_path(name);
}

DWORD GetFileAttributesA(LPCSTR path) {
    struct stat status {};
    std::string name = path ? posix_path(path) : "";
    if (stat(name.c_str(), &status) == 0) return attributes_of(status);
    fail_for_path(name);
    return INVALID_FILE_ATTRIBUTES;
}

DWORD GetFileAttributesW(LPCWSTR path) {
    return GetFileAttributesA(path ? utf8(path).c_str() : nullptr);
}

BOOL CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES) {
    if (!path) return fail(ERROR_INVALID_PARAMETER);
    std::string name = posix_path(path);
    if (mkdir(name.c_str(), kNewFolderMode) == 0) return TRUE;
    if (errno == EEXIST) return fail(ERROR_ALREADY_EXISTS);
    return errno == ENOENT ? fail(ERROR_PATH_NOT_FOUND) : fail_with_errno();
}

BOOL RemoveDirectoryA(LPCSTR path) {
    if (!path) return fail(ERROR_INVALID_PARAMETER);
    std::string name = posix_path(path);
    return rmdir(name.c_str()) == 0 ? TRUE : fail_for_path(name);
}

DWORD GetTempPathA(DWORD size, LPSTR path) {
    const char* folder = getenv("TMPDIR");
    std::string result = folder && *folder ? folder : "/tmp";
    if (result.back() != '/') result.push_back('/');
    auto length = static_cast<DWORD>(result.size());
    if (!path || size <= length) return length + 1;
    memcpy(path, result.c_str(), result.size() + 1);
    return length;
}

int osmia_host_duplicate_descriptor(HANDLE handle) {
    auto file = find_as<File>(handle);
    if (!file) return -1;
    int copy = fcntl(file->descriptor(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) fail_with_errno();
    return copy;
}

HANDLE osmia_host_adopt_descriptor(int descriptor) {
    if (fcntl(descriptor, F_GETFD) < 0) {
        fail(ERROR_INVALID_PARAMETER);
        return nullptr;
    }
    if (open_handle_count() >= kHandleLimit) {
        fail(ERROR_NO_SYSTEM_RESOURCES);
        return nullptr;
    }
    return open_handle(std::make_shared<File>(descriptor));
}
