/**
 * \file
 * The entry point of a library. Included through windows.h.
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
 * Defined by an extension that wants it; the host calls it with DLL_PROCESS_ATTACH after loading, and FALSE fails the load.
 * Declared here so that a definition in C++ has C linkage. Thread notifications are never sent.
 */
OSMIA_EXPORT BOOL WINAPI DllMain(HINSTANCE hinstDLL, DWORD fdwReason, LPVOID lpvReserved);

OSMIA_EXTERN_C_END

#endif
