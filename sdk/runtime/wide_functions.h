/// \file
/// The wide functions under the names that `ld --wrap` gives them. Extensions see the standard's declarations
/// instead.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>

#include <windows.h>

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT size_t __wrap_wcslen(const WCHAR* text);
OSMIA_EXPORT size_t __wrap_wcsnlen(const WCHAR* text, size_t size);
OSMIA_EXPORT WCHAR* __wrap_wcscpy(WCHAR* target, const WCHAR* source);
OSMIA_EXPORT WCHAR* __wrap_wcsncpy(WCHAR* target, const WCHAR* source, size_t count);
OSMIA_EXPORT WCHAR* __wrap_wcscat(WCHAR* target, const WCHAR* source);
OSMIA_EXPORT WCHAR* __wrap_wcsncat(WCHAR* target, const WCHAR* source, size_t count);
OSMIA_EXPORT int __wrap_wcscmp(const WCHAR* left, const WCHAR* right);
OSMIA_EXPORT int __wrap_wcsncmp(const WCHAR* left, const WCHAR* right, size_t count);
OSMIA_EXPORT int __wrap_wcscasecmp(const WCHAR* left, const WCHAR* right);
OSMIA_EXPORT int __wrap_wcsncasecmp(const WCHAR* left, const WCHAR* right, size_t count);
OSMIA_EXPORT WCHAR* __wrap_wcschr(const WCHAR* text, WCHAR unit);
OSMIA_EXPORT WCHAR* __wrap_wcsrchr(const WCHAR* text, WCHAR unit);
OSMIA_EXPORT WCHAR* __wrap_wcsstr(const WCHAR* text, const WCHAR* wanted);
OSMIA_EXPORT size_t __wrap_wcsspn(const WCHAR* text, const WCHAR* set);
OSMIA_EXPORT size_t __wrap_wcscspn(const WCHAR* text, const WCHAR* set);
OSMIA_EXPORT WCHAR* __wrap_wcspbrk(const WCHAR* text, const WCHAR* set);
OSMIA_EXPORT WCHAR* __wrap_wcstok(WCHAR* text, const WCHAR* delimiters, WCHAR** context);
OSMIA_EXPORT WCHAR* __wrap_wcsdup(const WCHAR* text);
OSMIA_EXPORT WCHAR* __wrap_wmemcpy(WCHAR* target, const WCHAR* source, size_t count);
OSMIA_EXPORT WCHAR* __wrap_wmemmove(WCHAR* target, const WCHAR* source, size_t count);
OSMIA_EXPORT WCHAR* __wrap_wmemset(WCHAR* target, WCHAR unit, size_t count);
OSMIA_EXPORT int __wrap_wmemcmp(const WCHAR* left, const WCHAR* right, size_t count);
OSMIA_EXPORT WCHAR* __wrap_wmemchr(const WCHAR* text, WCHAR unit, size_t count);
OSMIA_EXPORT unsigned __wrap_towlower(unsigned unit);
OSMIA_EXPORT unsigned __wrap_towupper(unsigned unit);
OSMIA_EXPORT int __wrap_iswdigit(unsigned unit);
OSMIA_EXPORT int __wrap_iswalpha(unsigned unit);
OSMIA_EXPORT int __wrap_iswalnum(unsigned unit);
OSMIA_EXPORT int __wrap_iswlower(unsigned unit);
OSMIA_EXPORT int __wrap_iswupper(unsigned unit);
OSMIA_EXPORT int __wrap_iswspace(unsigned unit);
OSMIA_EXPORT int __wrap_iswxdigit(unsigned unit);
OSMIA_EXPORT int __wrap_iswcntrl(unsigned unit);
OSMIA_EXPORT int __wrap_iswprint(unsigned unit);
OSMIA_EXPORT int __wrap_iswpunct(unsigned unit);
OSMIA_EXPORT long long __wrap_wcstoll(const WCHAR* text, WCHAR** end, int base);
OSMIA_EXPORT unsigned long long __wrap_wcstoull(const WCHAR* text, WCHAR** end, int base);
OSMIA_EXPORT long __wrap_wcstol(const WCHAR* text, WCHAR** end, int base);
OSMIA_EXPORT unsigned long __wrap_wcstoul(const WCHAR* text, WCHAR** end, int base);
OSMIA_EXPORT double __wrap_wcstod(const WCHAR* text, WCHAR** end);
/// The narrow encoding is UTF-8. Invalid input: (size_t)-1 and EILSEQ.
OSMIA_EXPORT size_t __wrap_mbstowcs(WCHAR* target, const char* source, size_t count);
OSMIA_EXPORT size_t __wrap_wcstombs(char* target, const WCHAR* source, size_t count);
OSMIA_EXPORT int __wrap_swprintf(WCHAR* target, size_t size, const WCHAR* format, ...);
OSMIA_EXPORT int __wrap_vswprintf(WCHAR* target, size_t size, const WCHAR* format, va_list arguments);

OSMIA_EXTERN_C_END
