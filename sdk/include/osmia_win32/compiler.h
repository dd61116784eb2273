/**
 * \file
 * Keywords of Microsoft's compiler, for sources compiled by osmia-cc. Included through windows.h.
 */
#ifndef OSMIA_WIN32_COMPILER_H
#define OSMIA_WIN32_COMPILER_H

#include "types.h"

#define __declspec(attribute) OSMIA_DECLSPEC_##attribute
#define OSMIA_DECLSPEC_dllexport OSMIA_EXPORT
#define OSMIA_DECLSPEC_dllimport
#define OSMIA_DECLSPEC_noinline __attribute__((noinline))
#define OSMIA_DECLSPEC_noreturn __attribute__((noreturn))
#define OSMIA_DECLSPEC_nothrow
#define OSMIA_DECLSPEC_novtable
#define OSMIA_DECLSPEC_selectany __attribute__((weak))
#define OSMIA_DECLSPEC_thread __thread
#define OSMIA_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define __forceinline inline __attribute__((always_inline))
#define _inline __inline
#define DECLSPEC_NORETURN __attribute__((noreturn))

/* Structured exceptions do not exist here: the guarded code runs, the handler never does. A fault ends the
 * worker, and the server goes on. */
/* The formatter takes __except for a keyword and parts it from its parameter. */
/* clang-format off */
#ifdef __cplusplus
#ifndef __try
#define __try try
#endif
#define __except(filter) catch (...)
#else
#define __try if (1)
#define __except(filter) else
#define __finally
#endif
/* clang-format on */
#define GetExceptionCode() ((DWORD)0)
#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0

/* Annotations for Microsoft's analyser. */
#define _In_
#define _In_z_
#define _In_opt_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define _In_reads_(size)
#define _In_reads_bytes_(size)
#define _Out_writes_(size)
#define _Out_writes_bytes_(size)
#define _Use_decl_annotations_

#if !defined(NOMINMAX) && defined(__cplusplus) && __cplusplus >= 201402L
/* Not macros: those would break the C++ library's headers. */
template <class Left, class Right>
constexpr auto max(const Left& left, const Right& right) {
    return left > right ? left : right;
}
template <class Left, class Right>
constexpr auto min(const Left& left, const Right& right) {
    return left < right ? left : right;
}
#elif !defined(NOMINMAX) && !defined(__cplusplus)
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

#endif
