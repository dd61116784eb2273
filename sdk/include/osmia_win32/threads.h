/**
 * \file
 * Threads and thread-local storage. Included through windows.h.
 */
#ifndef OSMIA_WIN32_THREADS_H
#define OSMIA_WIN32_THREADS_H

#include "types.h"

#define CREATE_SUSPENDED 0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define STILL_ACTIVE 259
#define TLS_OUT_OF_INDEXES 0xFFFFFFFFu
#define TLS_MINIMUM_AVAILABLE 64

OSMIA_EXTERN_C_BEGIN

typedef DWORD(WINAPI* PTHREAD_START_ROUTINE)(LPVOID parameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

/**
 * Starts a thread. The handle is the caller's to close; the thread runs on without it. Flags other than
 * CREATE_SUSPENDED and STACK_SIZE_PARAM_IS_A_RESERVATION: ERROR_INVALID_PARAMETER. No thread to be had:
 * ERROR_NOT_ENOUGH_MEMORY.
 */
OSMIA_EXPORT HANDLE CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack_size,
                                 LPTHREAD_START_ROUTINE start, LPVOID parameter, DWORD flags,
                                 LPDWORD thread_id);
/** Ends the calling thread, unwinding its stack. */
OSMIA_EXPORT VOID ExitThread(DWORD exit_code) __attribute__((noreturn));
/** Starts a thread made with CREATE_SUSPENDED. Returns the previous suspend count, (DWORD)-1 on errors. */
OSMIA_EXPORT DWORD ResumeThread(HANDLE thread);
/** STILL_ACTIVE while the thread runs. */
OSMIA_EXPORT BOOL GetExitCodeThread(HANDLE thread, LPDWORD exit_code);
OSMIA_EXPORT DWORD GetCurrentThreadId(void);
OSMIA_EXPORT DWORD GetCurrentProcessId(void);
/** A constant that stands for the calling thread; closing it does nothing. Only GetExitCodeThread takes it.
 */
OSMIA_EXPORT HANDLE GetCurrentThread(void);
/** A constant that stands for this process; closing it does nothing. */
OSMIA_EXPORT HANDLE GetCurrentProcess(void);

OSMIA_EXPORT VOID Sleep(DWORD milliseconds);
/** Sleeps; there are no completion routines to be alerted by, so it always returns 0. */
OSMIA_EXPORT DWORD SleepEx(DWORD milliseconds, BOOL alertable);
OSMIA_EXPORT BOOL SwitchToThread(void);

/** Up to TLS_MINIMUM_AVAILABLE slots per process, shared by all extensions; beyond: TLS_OUT_OF_INDEXES,
 * ERROR_NO_SYSTEM_RESOURCES. */
OSMIA_EXPORT DWORD TlsAlloc(void);
OSMIA_EXPORT BOOL TlsFree(DWORD index);
/** Sets the last error to ERROR_SUCCESS when the index is good, so that a stored NULL can be told from a
 * failure. */
OSMIA_EXPORT LPVOID TlsGetValue(DWORD index);
OSMIA_EXPORT BOOL TlsSetValue(DWORD index, LPVOID value);

OSMIA_EXTERN_C_END

#endif
