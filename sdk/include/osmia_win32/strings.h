/**
 * \file
 * Kernel and user string functions and conversions. Included through windows.h.
 */
#ifndef OSMIA_WIN32_STRINGS_H
#define OSMIA_WIN32_STRINGS_H

#include <stdarg.h>

#include "types.h"

#define CP_ACP 0 /* UTF-8 here */
#define CP_OEMCP 1
#define CP_THREAD_ACP 3
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define OSMIA_WSPRINTF_LIMIT 1024 /* wsprintf writes at most so many characters, the NUL included */

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT int lstrlenA(LPCSTR text);
OSMIA_EXPORT int lstrlenW(LPCWSTR text);
OSMIA_EXPORT LPSTR lstrcpyA(LPSTR target, LPCSTR source);
OSMIA_EXPORT LPWSTR lstrcpyW(LPWSTR target, LPCWSTR source);
OSMIA_EXPORT LPSTR lstrcpynA(LPSTR target, LPCSTR source, int size);
OSMIA_EXPORT LPWSTR lstrcpynW(LPWSTR target, LPCWSTR source, int size);
OSMIA_EXPORT LPSTR lstrcatA(LPSTR target, LPCSTR source);
OSMIA_EXPORT LPWSTR lstrcatW(LPWSTR target, LPCWSTR source);
/** NULL is less than any text. The comparison is by bytes; lstrcmpi folds A to Z. */
OSMIA_EXPORT int lstrcmpA(LPCSTR left, LPCSTR right);
OSMIA_EXPORT int lstrcmpW(LPCWSTR left, LPCWSTR right);
OSMIA_EXPORT int lstrcmpiA(LPCSTR left, LPCSTR right);
OSMIA_EXPORT int lstrcmpiW(LPCWSTR left, LPCWSTR right);

/** Formats with Windows' meaning of `l` (32 bits); cuts at OSMIA_WSPRINTF_LIMIT. Returns the length. */
OSMIA_EXPORT int wsprintfA(LPSTR target, LPCSTR format, ...);
OSMIA_EXPORT int wsprintfW(LPWSTR target, LPCWSTR format, ...);
OSMIA_EXPORT int wvsprintfA(LPSTR target, LPCSTR format, va_list arguments);

/**
 * UTF-8 to UTF-16 and back; CP_ACP, CP_OEMCP, CP_THREAD_ACP and CP_UTF8 are UTF-8, other code pages
 * ERROR_INVALID_PARAMETER. \a size -1 takes the NUL with it. A target size of 0 asks for the size. Too small:
 * 0 and ERROR_INSUFFICIENT_BUFFER. Invalid input: U+FFFD, or with the ERR_INVALID_CHARS flag 0 and
 * ERROR_NO_UNICODE_TRANSLATION.
 */
OSMIA_EXPORT int MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR source, int source_size,
                                     LPWSTR target, int target_size);
OSMIA_EXPORT int WideCharToMultiByte(UINT code_page, DWORD flags, LPCWSTR source, int source_size,
                                     LPSTR target, int target_size, LPCSTR default_char,
                                     LPBOOL used_default_char);

#ifdef UNICODE
#define lstrlen lstrlenW
#define lstrcpy lstrcpyW
#define lstrcpyn lstrcpynW
#define lstrcat lstrcatW
#define lstrcmp lstrcmpW
#define lstrcmpi lstrcmpiW
#define wsprintf wsprintfW
#else
#define lstrlen lstrlenA
#define lstrcpy lstrcpyA
#define lstrcpyn lstrcpynA
#define lstrcat lstrcatA
#define lstrcmp lstrcmpA
#define lstrcmpi lstrcmpiA
#define wsprintf wsprintfA
#define wvsprintf wvsprintfA
#endif

OSMIA_EXTERN_C_END

#endif
