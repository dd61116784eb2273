/**
 * \file
 * Libraries: the entry point, file names and debug output. Included through windows.h.
 *
 * A HMODULE is the address at which a library is loaded; DllMain gets it as hinstDLL.
 */
#ifndef OSMIA_WIN32_MODULE_H
#define OSMIA_WIN32_MODULE_H

#include "types.h"

#define DLL_PROCESS_DETACH 0
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH 2
#define DLL_THREAD_DETACH 3

OSMIA_EXTERN_C_BEGIN

/**
 * Defined by an extension that wants it; the host calls it with DLL_PROCESS_ATTACH after loading, and FALSE
 * fails the load. Declared here so that a definition in C++ has C linkage. Thread notifications are never
 * sent.
 */
OSMIA_EXPORT BOOL WINAPI DllMain(HINSTANCE hinstDLL, DWORD fdwReason, LPVOID lpvReserved);

/**
 * The path where the library was deployed (not the copy that the host mapped), or of the running program for
 * NULL. Returns the length without the NUL. A short buffer gets a cut, terminated path, its size is returned
 * and the last error is ERROR_INSUFFICIENT_BUFFER. An unknown module: 0 and ERROR_MOD_NOT_FOUND.
 */
OSMIA_EXPORT DWORD GetModuleFileNameA(HMODULE module, LPSTR path, DWORD size);
OSMIA_EXPORT DWORD GetModuleFileNameW(HMODULE module, LPWSTR path, DWORD size);

/** The library with this file name, of those that the host loaded. NULL for NULL, which names the program;
 * otherwise NULL and ERROR_MOD_NOT_FOUND. */
OSMIA_EXPORT HMODULE GetModuleHandleA(LPCSTR name);
OSMIA_EXPORT HMODULE GetModuleHandleW(LPCWSTR name);

/** Always TRUE: thread notifications are never sent. */
OSMIA_EXPORT BOOL DisableThreadLibraryCalls(HMODULE module);

/** Writes the text to standard error, as one line; the host gives it time, pool and pid. */
OSMIA_EXPORT VOID OutputDebugStringA(LPCSTR text);
OSMIA_EXPORT VOID OutputDebugStringW(LPCWSTR text);

/** Copies a variable's value. Returns its length; if the buffer is too small, the size needed;
 * ERROR_ENVVAR_NOT_FOUND when unset. */
OSMIA_EXPORT DWORD GetEnvironmentVariableA(LPCSTR name, LPSTR buffer, DWORD size);

#ifdef UNICODE
#define GetModuleFileName GetModuleFileNameW
#define GetModuleHandle GetModuleHandleW
#define OutputDebugString OutputDebugStringW
#else
#define GetModuleFileName GetModuleFileNameA
#define GetModuleHandle GetModuleHandleA
#define OutputDebugString OutputDebugStringA
#define GetEnvironmentVariable GetEnvironmentVariableA
#endif

OSMIA_EXTERN_C_END

#endif
