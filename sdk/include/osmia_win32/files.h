/**
 * \file
 * Files. Included through windows.h.
 *
 * Paths are POSIX paths. For sources written for Windows, backslashes separate folders too, and the prefixes
 * `\\?\` and `C:` are dropped, so that C:\data\x.txt is /data/x.txt. Case matters. Sharing modes are accepted
 * and have no effect.
 */
#ifndef OSMIA_WIN32_FILES_H
#define OSMIA_WIN32_FILES_H

#include "types.h"

#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define FILE_READ_DATA 0x00000001u
#define FILE_WRITE_DATA 0x00000002u
#define FILE_APPEND_DATA 0x00000004u
#define FILE_SHARE_READ 0x00000001u
#define FILE_SHARE_WRITE 0x00000002u
#define FILE_SHARE_DELETE 0x00000004u
#define CREATE_NEW 1
#define CREATE_ALWAYS 2
#define OPEN_EXISTING 3
#define OPEN_ALWAYS 4
#define TRUNCATE_EXISTING 5
#define FILE_ATTRIBUTE_READONLY 0x00000001u
#define FILE_ATTRIBUTE_HIDDEN 0x00000002u
#define FILE_ATTRIBUTE_DIRECTORY 0x00000010u
#define FILE_ATTRIBUTE_NORMAL 0x00000080u
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100u
#define INVALID_FILE_ATTRIBUTES 0xFFFFFFFFu
#define FILE_FLAG_WRITE_THROUGH 0x80000000u
#define FILE_FLAG_OVERLAPPED 0x40000000u
#define FILE_FLAG_RANDOM_ACCESS 0x10000000u
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000u
#define FILE_FLAG_BACKUP_SEMANTICS 0x02000000u
#define FILE_BEGIN 0
#define FILE_CURRENT 1
#define FILE_END 2
#define INVALID_FILE_SIZE 0xFFFFFFFFu
#define INVALID_SET_FILE_POINTER 0xFFFFFFFFu

OSMIA_EXTERN_C_BEGIN

/** Opens or makes a regular file. INVALID_HANDLE_VALUE on errors; a folder is ERROR_ACCESS_DENIED, as on
 * Windows. */
OSMIA_EXPORT HANDLE CreateFileA(LPCSTR path, DWORD access, DWORD share_mode, LPSECURITY_ATTRIBUTES attributes,
                                DWORD disposition, DWORD flags, HANDLE pattern);
OSMIA_EXPORT HANDLE CreateFileW(LPCWSTR path, DWORD access, DWORD share_mode,
                                LPSECURITY_ATTRIBUTES attributes, DWORD disposition, DWORD flags,
                                HANDLE pattern);
/**
 * Reads at the file pointer, or at the offset of \a overlapped. Always complete when it returns, also with
 * FILE_FLAG_OVERLAPPED: the event of \a overlapped is set then. At the end of the file: TRUE and 0 bytes;
 * with \a overlapped FALSE and ERROR_HANDLE_EOF.
 */
OSMIA_EXPORT BOOL ReadFile(HANDLE file, LPVOID buffer, DWORD size, LPDWORD bytes_read,
                           LPOVERLAPPED overlapped);
OSMIA_EXPORT BOOL WriteFile(HANDLE file, LPCVOID buffer, DWORD size, LPDWORD bytes_written,
                            LPOVERLAPPED overlapped);
OSMIA_EXPORT BOOL GetOverlappedResult(HANDLE file, LPOVERLAPPED overlapped, LPDWORD bytes, BOOL wait);
/** The low half; the high one goes to \a high when it is not NULL. INVALID_FILE_SIZE with NO_ERROR as the
 * last error is a size. */
OSMIA_EXPORT DWORD GetFileSize(HANDLE file, LPDWORD high);
OSMIA_EXPORT BOOL GetFileSizeEx(HANDLE file, PLARGE_INTEGER size);
OSMIA_EXPORT DWORD SetFilePointer(HANDLE file, LONG distance, PLONG distance_high, DWORD method);
OSMIA_EXPORT BOOL SetFilePointerEx(HANDLE file, LARGE_INTEGER distance, PLARGE_INTEGER position,
                                   DWORD method);
OSMIA_EXPORT BOOL SetEndOfFile(HANDLE file);
OSMIA_EXPORT BOOL FlushFileBuffers(HANDLE file);
OSMIA_EXPORT BOOL DeleteFileA(LPCSTR path);
OSMIA_EXPORT DWORD GetFileAttributesA(LPCSTR path);
OSMIA_EXPORT DWORD GetFileAttributesW(LPCWSTR path);
OSMIA_EXPORT BOOL CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES attributes);
OSMIA_EXPORT BOOL RemoveDirectoryA(LPCSTR path);
/** The folder for temporary files, with a slash at its end. Returns its length, or the size needed. */
OSMIA_EXPORT DWORD GetTempPathA(DWORD size, LPSTR path);

#ifdef UNICODE
#define CreateFile CreateFileW
#define GetFileAttributes GetFileAttributesW
#else
#define CreateFile CreateFileA
#define GetFileAttributes GetFileAttributesA
#define DeleteFile DeleteFileA
#define CreateDirectory CreateDirectoryA
#define RemoveDirectory RemoveDirectoryA
#define GetTempPath GetTempPathA
#endif

OSMIA_EXTERN_C_END

#endif
