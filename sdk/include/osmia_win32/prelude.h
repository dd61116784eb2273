/**
 * \file
 * What osmia-cc includes before everything else. Not to be included by hand.
 *
 * Binds printf, scanf and their like to the ones with Windows' formats. Doing that by assembler name instead
 * of macros leaves std::printf and members named printf alone.
 */
#ifndef OSMIA_WIN32_PRELUDE_H
#define OSMIA_WIN32_PRELUDE_H

#ifdef __cplusplus
/* std::wstring must be instantiated here, for 16 bits; libstdc++ holds one of 32. */
#include <bits/c++config.h>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
#endif

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#define OSMIA_NOTHROW noexcept(true)
#else
#define OSMIA_NOTHROW
#endif

/* glibc renames these itself; the first renaming counts, hence before <stdio.h>. */
struct _IO_FILE;
extern int sscanf(const char* text, const char* format, ...) OSMIA_NOTHROW __asm__("osmia_win32_sscanf");
extern int vsscanf(const char* text, const char* format, va_list arguments) OSMIA_NOTHROW
    __asm__("osmia_win32_vsscanf");
extern int fscanf(struct _IO_FILE* file, const char* format, ...) __asm__("osmia_win32_fscanf");

#ifdef __cplusplus
}
#endif

#include <inttypes.h>
#include <stdio.h>

/* `l` has 32 bits in these formats, so PRIu64 and its like must not be "lu". */
#undef __PRI64_PREFIX
#define __PRI64_PREFIX "ll"
#undef __PRIPTR_PREFIX
#define __PRIPTR_PREFIX "ll"

#ifdef __cplusplus
extern "C" {
#endif

extern int printf(const char* format, ...) __asm__("osmia_win32_printf");
extern int vprintf(const char* format, va_list arguments) __asm__("osmia_win32_vprintf");
extern int fprintf(FILE* file, const char* format, ...) __asm__("osmia_win32_fprintf");
extern int vfprintf(FILE* file, const char* format, va_list arguments) __asm__("osmia_win32_vfprintf");
extern int sprintf(char* target, const char* format, ...) OSMIA_NOTHROW __asm__("osmia_win32_sprintf");
extern int vsprintf(char* target, const char* format, va_list arguments) OSMIA_NOTHROW
    __asm__("osmia_win32_vsprintf");
extern int snprintf(char* target, size_t size, const char* format, ...) OSMIA_NOTHROW
    __asm__("osmia_win32_snprintf");
extern int vsnprintf(char* target, size_t size, const char* format, va_list arguments) OSMIA_NOTHROW
    __asm__("osmia_win32_vsnprintf");

#ifdef __cplusplus
}
#endif

#endif
