/**
 * \file
 * The wide functions of Microsoft's C library that the standard does not have. Included through windows.h
 * under osmia-cc.
 *
 * The standard's own (wcslen ...) come from <wchar.h>, bound to 16-bit ones at link time:
 * docs/decisions/0001-wide-characters.md.
 */
#ifndef OSMIA_WIN32_WIDE_CRT_H
#define OSMIA_WIN32_WIDE_CRT_H

#include "crt.h"

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT errno_t wcscpy_s(WCHAR* target, size_t size, const WCHAR* source);
OSMIA_EXPORT errno_t wcscat_s(WCHAR* target, size_t size, const WCHAR* source);
OSMIA_EXPORT errno_t wcsncpy_s(WCHAR* target, size_t size, const WCHAR* source, size_t count);
OSMIA_EXPORT int swprintf_s(WCHAR* target, size_t size, const WCHAR* format, ...);
OSMIA_EXPORT int vswprintf_s(WCHAR* target, size_t size, const WCHAR* format, va_list arguments);
OSMIA_EXPORT int _snwprintf(WCHAR* target, size_t size, const WCHAR* format, ...);
OSMIA_EXPORT int _vsnwprintf(WCHAR* target, size_t size, const WCHAR* format, va_list arguments);
OSMIA_EXPORT int _wcsicmp(const WCHAR* left, const WCHAR* right);
OSMIA_EXPORT int _wcsnicmp(const WCHAR* left, const WCHAR* right, size_t count);
OSMIA_EXPORT WCHAR* _wcsdup(const WCHAR* text);
OSMIA_EXPORT int _wtoi(const WCHAR* text);

OSMIA_EXTERN_C_END

#define wcsicmp _wcsicmp
#define wcsnicmp _wcsnicmp

#endif
