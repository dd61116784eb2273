/// \file
/// Reading, writing and positioning.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "file_object.h"
#include "last_error.h"

namespace osmia::win32 {

namespace {

off_t offset_of(const OVERLAPPED& overlapped) {
    return static_cast<off_t>((ULONGLONG{overlapped.OffsetHigh} << 32) | overlapped.Offset);
}

/// Starts over when a signal interrupts.
template <class Call>
ssize_t uninterrupted(Call call) {
    ssize_t result = 0;
    do {
        result = call();
    } while (result < 0 && errno == EINTR);
    return result;
}

/// The end of an overlapped operation: the result where GetOverlappedResult looks, then the event.
void complete(OVERLAPPED& overlapped, DWORD error, DWORD bytes) {
    overlapped.Internal = error;
    overlapped.InternalHigh = bytes;
    if (overlapped.hEvent) SetEvent(overlapped.hEvent);
}

BOOL finish(ssize_t result, bool at_end, LPDWORD bytes, LPOVERLAPPED overlapped) {
    DWORD error = result < 0 ? win32_error(errno) : at_end ? ERROR_HANDLE_EOF : ERROR_SUCCESS;
    DWORD count = result < 0 ? 0 : static_cast<DWORD>(result);
    if (bytes) *bytes = count;
    if (overlapped) complete(*overlapped, error, count);
    if (error == ERROR_HANDLE_EOF && !overlapped) error = ERROR_SUCCESS;
    return error == ERROR_SUCCESS ? TRUE : fail(error);
}

/// Writes all of it: a file takes less than asked only when something is wrong, and the next call then says
/// what.
ssize_t write_all(int descriptor, const char* data, size_t size, std::optional<off_t> offset) {
    size_t done = 0;
    while (done < size) {
        ssize_t written = uninterrupted([&] {
            return offset ? pwrite(descriptor, data + done, size - done, *offset + static_cast<off_t>(done))
                          : write(descriptor, data + done, size - done);
        });
        if (written < 0) return -1;
        done += static_cast<size_t>(written);
    }
    return static_cast<ssize_t>(done);
}

std::optional<off_t> size_of(HANDLE handle) {
    auto file = find_as<File>(handle);
    if (!file) return std::nullopt;
    struct stat status {};
    if (fstat(file->descriptor(), &status) < 0) {
        fail_with_errno();
        return std::nullopt;
    }
    return status.st_size;
}

std::optional<off_t> seek(HANDLE handle, LONGLONG distance, DWORD method) {
    auto file = find_as<File>(handle);
    if (!file) return std::nullopt;
    if (method > FILE_END) {
        fail(ERROR_INVALID_PARAMETER);
        return std::nullopt;
    }
    constexpr int kMethods[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    off_t position = lseek(file->descriptor(), distance, kMethods[method]);
    if (position >= 0) return position;
    fail(errno == EINVAL ? ERROR_NEGATIVE_SEEK : win32_error(errno));
    return std::nullopt;
}

DWORD low_half(off_t value) {
    return static_cast<DWORD>(static_cast<ULONGLONG>(value) & 0xFFFFFFFFu);
}
DWORD high_half(off_t value) {
    return static_cast<DWORD>(static_cast<ULONGLONG>(value) >> 32);
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

BOOL ReadFile(HANDLE handle, LPVOID buffer, DWORD size, LPDWORD bytes_read, LPOVERLAPPED overlapped) {
    if (bytes_read) *bytes_read = 0;
    auto file = find_as<File>(handle);
    if (!file) return FALSE;
    if (!bytes_read && !overlapped) return fail(ERROR_INVALID_PARAMETER);
    ssize_t result = uninterrupted([&] {
        return overlapped ? pread(file->descriptor(), buffer, size, offset_of(*overlapped))
                          : read(file->descriptor(), buffer, size);
    });
    return finish(result, result == 0 && size != 0, bytes_read, overlapped);
}

BOOL WriteFile(HANDLE handle, LPCVOID buffer, DWORD size, LPDWORD bytes_written, LPOVERLAPPED overlapped) {
    if (bytes_written) *bytes_written = 0;
    auto file = find_as<File>(handle);
    if (!file) return FALSE;
    if (!bytes_written && !overlapped) return fail(ERROR_INVALID_PARAMETER);
    std::optional<off_t> offset;
    if (overlapped) offset = offset_of(*overlapped);
    ssize_t result = write_all(file->descriptor(), static_cast<const char*>(buffer), size, offset);
    return finish(result, false, bytes_written, overlapped);
}

// Every operation was complete when its call returned.
BOOL GetOverlappedResult(HANDLE, LPOVERLAPPED overlapped, LPDWORD bytes, BOOL) {
    if (!overlapped || !bytes) return fail(ERROR_INVALID_PARAMETER);
    *bytes = static_cast<DWORD>(overlapped->InternalHigh);
    auto error = static_cast<DWORD>(overlapped->Internal);
    return error == ERROR_SUCCESS ? TRUE : fail(error);
}

DWORD GetFileSize(HANDLE handle, LPDWORD high) {
    std::optional<off_t> size = size_of(handle);
    if (!size) return INVALID_FILE_SIZE;
    if (high) *high = high_half(*size);
    SetLastError(NO_ERROR);
    return low_half(*size);
}

BOOL GetFileSizeEx(HANDLE handle, PLARGE_INTEGER size) {
    std::optional<off_t> found = size_of(handle);
    if (!found) return FALSE;
    size->QuadPart = *found;
    return TRUE;
}

DWORD SetFilePointer(HANDLE handle, LONG distance, PLONG distance_high, DWORD method) {
    LONGLONG whole = distance;
    if (distance_high)
        whole = static_cast<LONGLONG>((static_cast<ULONGLONG>(static_cast<DWORD>(*distance_high)) << 32) |
                                      static_cast<DWORD>(distance));
    std::optional<off_t> position = seek(handle, whole, method);
    if (!position) return INVALID_SET_FILE_POINTER;
    if (distance_high) *distance_high = static_cast<LONG>(high_half(*position));
    SetLastError(NO_ERROR);
    return low_half(*position);
}

BOOL SetFilePointerEx(HANDLE handle, LARGE_INTEGER distance, PLARGE_INTEGER position, DWORD method) {
    std::optional<off_t> found = seek(handle, distance.QuadPart, method);
    if (!found) return FALSE;
    if (position) position->QuadPart = *found;
    return TRUE;
}

BOOL SetEndOfFile(HANDLE handle) {
    auto file = find_as<File>(handle);
    if (!file) return FALSE;
    off_t position = lseek(file->descriptor(), 0, SEEK_CUR);
    return position >= 0 && ftruncate(file->descriptor(), position) == 0 ? TRUE : fail_with_errno();
}

BOOL FlushFileBuffers(HANDLE handle) {
    auto file = find_as<File>(handle);
    if (!file) return FALSE;
    return fsync(file->descriptor()) == 0 ? TRUE : fail_with_errno();
}
