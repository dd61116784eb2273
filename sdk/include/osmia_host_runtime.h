/**
 * \file
 * What the host of extensions (the worker, its ISAPI module, test harnesses) asks of libosmia-win32.so. Not
 * for extensions. C and C++.
 *
 * All functions may be called on any thread.
 */
#ifndef OSMIA_HOST_RUNTIME_H
#define OSMIA_HOST_RUNTIME_H

#include "windows.h"

OSMIA_EXTERN_C_BEGIN

/**
 * Tells where a loaded library was deployed. \a base is the first address of its image and what the host
 * gives DllMain as hinstDLL; [base, base + size) is its address range. The path is copied. Registering a base
 * again replaces its path. FALSE and ERROR_INVALID_PARAMETER for a NULL base or path, or a size of 0.
 */
OSMIA_EXPORT BOOL osmia_host_register_module(const void* base, size_t size, const char* deployed_path);

/** Forgets a library, before it is unmapped. FALSE and ERROR_MOD_NOT_FOUND when the base is not registered.
 */
OSMIA_EXPORT BOOL osmia_host_unregister_module(const void* base);

/**
 * How many threads were started by CreateThread or _beginthreadex with a start function inside this library's
 * range since it was registered. A library that has started any must stay mapped: its threads may still run
 * its code.
 */
OSMIA_EXPORT ULONGLONG osmia_host_threads_started(const void* base);

/**
 * A new descriptor (close-on-exec, the caller's to close) for the same open file as a HANDLE from CreateFile:
 * what HSE_REQ_TRANSMIT_FILE sends from. Safe against a CloseHandle at the same time. -1 and
 * ERROR_INVALID_HANDLE when the handle is not an open file's. The two share one file position: read with
 * pread or sendfile offsets.
 */
OSMIA_EXPORT int osmia_host_duplicate_descriptor(HANDLE file);

/** A HANDLE for an open file; owns \a descriptor from then on. NULL (descriptor still the caller's) on
 * ERROR_INVALID_PARAMETER or when the table is full. */
OSMIA_EXPORT HANDLE osmia_host_adopt_descriptor(int descriptor);

/** A HANDLE that stands for an identity (HSE_REQ_GET_IMPERSONATION_TOKEN); nothing but CloseHandle takes it.
 */
OSMIA_EXPORT HANDLE osmia_host_create_token(void);

/** Whether a HANDLE is open and stands for an identity. */
OSMIA_EXPORT BOOL osmia_host_is_token(HANDLE handle);

/** How many handles are open: for leak tests and counters. */
OSMIA_EXPORT size_t osmia_host_open_handles(void);

OSMIA_EXTERN_C_END

#endif
