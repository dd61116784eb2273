#include "last_error.h"

#include <cerrno>

namespace osmia::win32 {

namespace {

thread_local DWORD last_error = ERROR_SUCCESS;

struct Translation {
    int error_number;
    DWORD error;
};

constexpr Translation kTranslations[] = {
    {ENOENT, ERROR_FILE_NOT_FOUND},      {ENOTDIR, ERROR_PATH_NOT_FOUND},
    {EACCES, ERROR_ACCESS_DENIED},       {EPERM, ERROR_ACCESS_DENIED},
    {EROFS, ERROR_ACCESS_DENIED},        {EISDIR, ERROR_ACCESS_DENIED},
    {EMFILE, ERROR_TOO_MANY_OPEN_FILES}, {ENFILE, ERROR_TOO_MANY_OPEN_FILES},
    {EBADF, ERROR_INVALID_HANDLE},       {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
    {EAGAIN, ERROR_NOT_ENOUGH_MEMORY},   {EEXIST, ERROR_FILE_EXISTS},
    {EINVAL, ERROR_INVALID_PARAMETER},   {EFAULT, ERROR_NOACCESS},
    {EPIPE, ERROR_BROKEN_PIPE},          {ENOSPC, ERROR_DISK_FULL},
    {EDQUOT, ERROR_DISK_FULL},           {EFBIG, ERROR_DISK_FULL},
    {ETXTBSY, ERROR_SHARING_VIOLATION},  {EBUSY, ERROR_BUSY},
    {ENOTEMPTY, ERROR_DIR_NOT_EMPTY},    {ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE},
    {ELOOP, ERROR_BAD_PATHNAME},         {EIO, ERROR_IO_DEVICE},
    {ENOSYS, ERROR_NOT_SUPPORTED},       {EOPNOTSUPP, ERROR_NOT_SUPPORTED},
    {ECONNRESET, WSAECONNRESET},
};

}  // namespace

DWORD win32_error(int error_number) {
    for (const Translation& translation : kTranslations) {
        if (translation.error_number == error_number) return translation.error;
    }
    return ERROR_GEN_FAILURE;
}

BOOL fail(DWORD error) {
    last_error = error;
    return FALSE;
}

BOOL fail_with_errno() {
    return fail(win32_error(errno));
}

}  // namespace osmia::win32

DWORD GetLastError() {
    return osmia::win32::last_error;
}

void SetLastError(DWORD error) {
    osmia::win32::last_error = error;
}
