/**
 * \file
 * The basic types of Windows sources, for Linux. Included through windows.h.
 *
 * The data model is that of 64-bit Windows (LLP64): DWORD and LONG have 32 bits, pointers 64. WCHAR has 16
 * bits everywhere; see docs/decisions/0001-wide-characters.md. C and C++.
 */
#ifndef OSMIA_WIN32_TYPES_H
#define OSMIA_WIN32_TYPES_H

#include <stddef.h>
#include <stdint.h>

/** Gives a function of the SDK, or an entry point of an extension, its place in the dynamic symbol table. */
#define OSMIA_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
#define OSMIA_EXTERN_C_BEGIN extern "C" {
#define OSMIA_EXTERN_C_END }
#define EXTERN_C extern "C"
#define OSMIA_STATIC_ASSERT(condition, meaning) static_assert(condition, meaning)
#else
#define OSMIA_EXTERN_C_BEGIN
#define OSMIA_EXTERN_C_END
#define EXTERN_C extern
#define OSMIA_STATIC_ASSERT(condition, meaning) _Static_assert(condition, meaning)
#endif

/* Calling conventions: one on Linux. */
#define WINAPI
#define WINAPIV
#define APIENTRY
#define CALLBACK
#define PASCAL
#define FAR
#define NEAR
#define __stdcall
#define __cdecl
#define __fastcall
#define _stdcall
#define _cdecl
#define STDMETHODCALLTYPE
#define WINBASEAPI
#define DECLSPEC_IMPORT
#define DECLSPEC_EXPORT OSMIA_EXPORT

/* Parameter annotations of the older SDKs. */
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

typedef char CHAR;
typedef unsigned char UCHAR;
typedef unsigned char BYTE;
typedef unsigned char BOOLEAN;
typedef short SHORT;
typedef unsigned short USHORT;
typedef unsigned short WORD;
typedef int INT;
typedef unsigned int UINT;
typedef int BOOL;
typedef int LONG;
typedef unsigned int ULONG;
typedef unsigned int DWORD;
typedef float FLOAT;
typedef double DOUBLE;
typedef WORD ATOM;
typedef LONG HRESULT;
typedef LONG NTSTATUS;
__extension__ typedef long long LONGLONG;
__extension__ typedef unsigned long long ULONGLONG;
typedef LONGLONG LONG64;
typedef ULONGLONG ULONG64;
typedef ULONGLONG DWORDLONG;
typedef ULONGLONG DWORD64;
typedef LONGLONG INT64;
typedef ULONGLONG UINT64;
typedef int INT32;
typedef unsigned int UINT32;
typedef unsigned int DWORD32;
typedef int LONG32;
typedef unsigned int ULONG32;

typedef intptr_t INT_PTR;
typedef uintptr_t UINT_PTR;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef size_t SIZE_T;
typedef ptrdiff_t SSIZE_T;
typedef ULONG_PTR *PULONG_PTR, *PDWORD_PTR;
typedef SIZE_T* PSIZE_T;
typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;

#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR; /* under osmia-cc */
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef uint_least16_t WCHAR;
#endif

typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID, *PCVOID;
typedef CHAR *PCHAR, *LPCH, *PCH, *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCCH, *LPCSTR, *PCSTR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *LPWSTR, *PWSTR, *BSTR, *LPOLESTR;
typedef const WCHAR *LPCWCH, *LPCWSTR, *PCWSTR, *LPCOLESTR;
typedef WCHAR OLECHAR;
typedef UCHAR* PUCHAR;
typedef BYTE *PBYTE, *LPBYTE;
typedef const BYTE* LPCBYTE;
typedef BOOLEAN* PBOOLEAN;
typedef SHORT* PSHORT;
typedef USHORT* PUSHORT;
typedef WORD *PWORD, *LPWORD;
typedef INT *PINT, *LPINT;
typedef UINT *PUINT, *LPUINT;
typedef BOOL *PBOOL, *LPBOOL;
typedef LONG *PLONG, *LPLONG;
typedef ULONG* PULONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef LONGLONG* PLONGLONG;
typedef ULONGLONG* PULONGLONG;

/* Handles are untyped (as without STRICT), so that HANDLE, HINSTANCE and HMODULE are one type. */
typedef void* HANDLE;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef HANDLE HINSTANCE, HMODULE, HGLOBAL, HLOCAL, HKEY, HWND, HRSRC, HTOKEN;
typedef HKEY* PHKEY;
typedef INT_PTR (*FARPROC)(void);
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, *LPTSTR, *PTSTR;
typedef const WCHAR *LPCTSTR, *PCTSTR;
#if __SIZEOF_WCHAR_T__ == 2
#define OSMIA_TEXT(text) L##text
#else
#define OSMIA_TEXT(text) u##text
#endif
#else
#define OSMIA_TEXT(text) text
typedef CHAR TCHAR, *PTCHAR, *LPTSTR, *PTSTR;
typedef const CHAR *LPCTSTR, *PCTSTR;
#endif

#define TEXT(text) OSMIA_TEXT(text)

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#define MAX_PATH 260
#define INFINITE 0xFFFFFFFFu
#define MAXDWORD 0xFFFFFFFFu
#define MAXULONG 0xFFFFFFFFu
#define MAXLONG 0x7FFFFFFF

#define MAKEWORD(low, high) ((WORD)(((BYTE)(low)) | (((WORD)((BYTE)(high))) << 8)))
#define MAKELONG(low, high) ((LONG)(((DWORD)(WORD)(low)) | (((DWORD)(WORD)(high)) << 16)))
#define LOWORD(value) ((WORD)((DWORD_PTR)(value)&0xFFFFu))
#define HIWORD(value) ((WORD)(((DWORD_PTR)(value) >> 16) & 0xFFFFu))
#define LOBYTE(value) ((BYTE)((DWORD_PTR)(value)&0xFFu))
#define HIBYTE(value) ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xFFu))

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;
    WORD wDayOfWeek;
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY* Flink;
    struct _LIST_ENTRY* Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY* Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh;
    __extension__ union {
        __extension__ struct {
            DWORD Offset;
            DWORD OffsetHigh;
        };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

#define CONTAINING_RECORD(address, type, field) ((type*)((PCHAR)(address)-offsetof(type, field)))
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))

OSMIA_STATIC_ASSERT(sizeof(DWORD) == 4, "DWORD has 32 bits");
OSMIA_STATIC_ASSERT(sizeof(LONG) == 4, "LONG has 32 bits");
OSMIA_STATIC_ASSERT(sizeof(WCHAR) == 2, "WCHAR has 16 bits");
OSMIA_STATIC_ASSERT(sizeof(ULONG_PTR) == sizeof(void*), "ULONG_PTR is as wide as a pointer");

#endif
