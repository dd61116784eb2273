/**
 * \file
 * What Microsoft's C library has beyond the standard. Included through windows.h, tchar.h and process.h.
 *
 * Formats have Windows' meaning: `l` is 32 bits, `I64` and `ll` are 64, `%S` is the other width, `%n` is
 * refused. A bounds-checked function whose buffer is too small empties it, says so on standard error, and
 * returns ERANGE; it does not end the process as Microsoft's does.
 */
#ifndef OSMIA_WIN32_CRT_H
#define OSMIA_WIN32_CRT_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "types.h"

#ifndef _ERRNO_T_DEFINED
#define _ERRNO_T_DEFINED
typedef int errno_t;
#endif
#ifndef _TRUNCATE
#define _TRUNCATE ((size_t)-1)
#endif
#define STRUNCATE 80
#define _MAX_PATH 260
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT errno_t strcpy_s(char* target, size_t size, const char* source);
OSMIA_EXPORT errno_t strcat_s(char* target, size_t size, const char* source);
/** Copies at most \a count characters and a NUL; with _TRUNCATE as many as fit, returning STRUNCATE if that
 * was not all. */
OSMIA_EXPORT errno_t strncpy_s(char* target, size_t size, const char* source, size_t count);
OSMIA_EXPORT errno_t strncat_s(char* target, size_t size, const char* source, size_t count);
OSMIA_EXPORT errno_t memcpy_s(void* target, size_t size, const void* source, size_t count);
OSMIA_EXPORT errno_t memmove_s(void* target, size_t size, const void* source, size_t count);
OSMIA_EXPORT size_t strnlen_s(const char* text, size_t size);
OSMIA_EXPORT char* strtok_s(char* text, const char* delimiters, char** context);

/** The length, or -1 with an empty target when it does not fit. */
OSMIA_EXPORT int sprintf_s(char* target, size_t size, const char* format, ...);
OSMIA_EXPORT int vsprintf_s(char* target, size_t size, const char* format, va_list arguments);
/** At most \a count characters and a NUL; -1 when cut. */
OSMIA_EXPORT int _snprintf_s(char* target, size_t size, size_t count, const char* format, ...);
OSMIA_EXPORT int _vsnprintf_s(char* target, size_t size, size_t count, const char* format, va_list arguments);
/** The length; no NUL when the text fills the target exactly; -1 and no NUL when it does not fit. */
OSMIA_EXPORT int _snprintf(char* target, size_t size, const char* format, ...);
OSMIA_EXPORT int _vsnprintf(char* target, size_t size, const char* format, va_list arguments);

OSMIA_EXPORT int _stricmp(const char* left, const char* right);
OSMIA_EXPORT int _strnicmp(const char* left, const char* right, size_t count);
OSMIA_EXPORT char* _strlwr(char* text);
OSMIA_EXPORT char* _strupr(char* text);
OSMIA_EXPORT char* _strdup(const char* text);
OSMIA_EXPORT char* _itoa(int value, char* target, int radix);
OSMIA_EXPORT char* _ltoa(LONG value, char* target, int radix);
OSMIA_EXPORT char* _ultoa(ULONG value, char* target, int radix);
OSMIA_EXPORT errno_t _itoa_s(int value, char* target, size_t size, int radix);
OSMIA_EXPORT LONGLONG _atoi64(const char* text);
OSMIA_EXPORT errno_t fopen_s(FILE** file, const char* path, const char* mode);
/** A thread that the C library knows; here the same as CreateThread. */
OSMIA_EXPORT uintptr_t _beginthreadex(void* security, unsigned stack_size, unsigned (*start)(void*),
                                      void* argument, unsigned flags, unsigned* thread_id);
OSMIA_EXPORT void _endthreadex(unsigned exit_code) __attribute__((noreturn));

OSMIA_EXTERN_C_END

#define stricmp _stricmp
#define strnicmp _strnicmp
#define _strcmpi _stricmp
#define strlwr _strlwr
#define strupr _strupr
#define itoa _itoa
#define ltoa _ltoa
#define ultoa _ultoa

#ifdef __cplusplus
/* The forms that take the size from an array. */
template <size_t Size>
inline errno_t strcpy_s(char (&target)[Size], const char* source) {
    return strcpy_s(target, Size, source);
}
template <size_t Size>
inline errno_t strcat_s(char (&target)[Size], const char* source) {
    return strcat_s(target, Size, source);
}
template <size_t Size>
inline errno_t strncpy_s(char (&target)[Size], const char* source, size_t count) {
    return strncpy_s(target, Size, source, count);
}
template <size_t Size>
inline int sprintf_s(char (&target)[Size], const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsprintf_s(target, Size, format, arguments);
    va_end(arguments);
    return length;
}
#endif

#endif
