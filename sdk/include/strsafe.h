/**
 * \file
 * The StringCch functions for 8-bit text: copies that fit or are cut, and say which.
 */
#ifndef OSMIA_STRSAFE_H
#define OSMIA_STRSAFE_H

#include "windows.h"

#include "osmia_win32/crt.h"
#include "osmia_win32/stdio_names.h"

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007Au)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057u)

/** Cuts what does not fit, and then returns STRSAFE_E_INSUFFICIENT_BUFFER. */
static inline HRESULT StringCchCopyA(LPSTR target, size_t size, LPCSTR source) {
    if (size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;
    return strncpy_s(target, size, source, _TRUNCATE) == 0 ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchCatA(LPSTR target, size_t size, LPCSTR source) {
    if (size == 0 || size > STRSAFE_MAX_CCH || strnlen(target, size) == size)
        return STRSAFE_E_INVALID_PARAMETER;
    return strncat_s(target, size, source, _TRUNCATE) == 0 ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchVPrintfA(LPSTR target, size_t size, LPCSTR format, va_list arguments) {
    int length;
    if (size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;
    length = osmia_win32_vsnprintf(target, size, format, arguments);
    return length >= 0 && (size_t)length < size ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static inline HRESULT StringCchPrintfA(LPSTR target, size_t size, LPCSTR format, ...) {
    HRESULT result;
    va_list arguments;
    va_start(arguments, format);
    result = StringCchVPrintfA(target, size, format, arguments);
    va_end(arguments);
    return result;
}

static inline HRESULT StringCchLengthA(LPCSTR text, size_t limit, size_t* length) {
    size_t found = text ? strnlen(text, limit) : limit;
    if (found == limit) return STRSAFE_E_INVALID_PARAMETER;
    if (length) *length = found;
    return S_OK;
}

#ifndef UNICODE
#define StringCchCopy StringCchCopyA
#define StringCchCat StringCchCatA
#define StringCchVPrintf StringCchVPrintfA
#define StringCchPrintf StringCchPrintfA
#define StringCchLength StringCchLengthA
#endif

#endif
