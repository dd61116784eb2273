/**
 * \file
 * The printf and scanf families with Windows' formats, under the names by which code compiled by osmia-cc
 * reaches them.
 *
 * osmia_win32/prelude.h binds the standard names to these: DWORD and LONG arguments have 32 bits, so `%lu`
 * must take 32.
 */
#ifndef OSMIA_WIN32_STDIO_NAMES_H
#define OSMIA_WIN32_STDIO_NAMES_H

#include <stdarg.h>
#include <stdio.h>

#include "types.h"

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT int osmia_win32_printf(const char* format, ...);
OSMIA_EXPORT int osmia_win32_vprintf(const char* format, va_list arguments);
OSMIA_EXPORT int osmia_win32_fprintf(FILE* file, const char* format, ...);
OSMIA_EXPORT int osmia_win32_vfprintf(FILE* file, const char* format, va_list arguments);
OSMIA_EXPORT int osmia_win32_sprintf(char* target, const char* format, ...);
OSMIA_EXPORT int osmia_win32_vsprintf(char* target, const char* format, va_list arguments);
OSMIA_EXPORT int osmia_win32_snprintf(char* target, size_t size, const char* format, ...);
OSMIA_EXPORT int osmia_win32_vsnprintf(char* target, size_t size, const char* format, va_list arguments);
/** Wide targets (`%ls`, `%S`) are refused: EOF and errno EINVAL. */
OSMIA_EXPORT int osmia_win32_sscanf(const char* text, const char* format, ...);
OSMIA_EXPORT int osmia_win32_vsscanf(const char* text, const char* format, va_list arguments);
OSMIA_EXPORT int osmia_win32_fscanf(FILE* file, const char* format, ...);

OSMIA_EXTERN_C_END

#endif
