/**
 * \file
 * Waitable objects, critical sections and interlocked arithmetic. Included through windows.h.
 *
 * Names of events, mutexes and semaphores are known within one process only. Sharing by name between
 * processes does not exist.
 */
#ifndef OSMIA_WIN32_SYNCHRONIZATION_H
#define OSMIA_WIN32_SYNCHRONIZATION_H

#include "types.h"

#define WAIT_OBJECT_0 0x00000000u
#define WAIT_ABANDONED 0x00000080u
#define WAIT_ABANDONED_0 0x00000080u
#define WAIT_IO_COMPLETION 0x000000C0u
#define WAIT_TIMEOUT 258u
#define WAIT_FAILED 0xFFFFFFFFu
#define MAXIMUM_WAIT_OBJECTS 64

OSMIA_EXTERN_C_BEGIN

/** Closes a handle of any kind. Not an open handle: FALSE, ERROR_INVALID_HANDLE. Threads that wait on the
 * object go on waiting. */
OSMIA_EXPORT BOOL CloseHandle(HANDLE object);

/** Waits for a thread, event, mutex or semaphore. WAIT_FAILED and ERROR_INVALID_HANDLE for any other handle.
 */
OSMIA_EXPORT DWORD WaitForSingleObject(HANDLE object, DWORD milliseconds);
OSMIA_EXPORT DWORD WaitForSingleObjectEx(HANDLE object, DWORD milliseconds, BOOL alertable);
/** One to MAXIMUM_WAIT_OBJECTS handles, otherwise ERROR_INVALID_PARAMETER. Waiting for all takes all at once
 * or none. */
OSMIA_EXPORT DWORD WaitForMultipleObjects(DWORD count, const HANDLE* objects, BOOL all, DWORD milliseconds);
OSMIA_EXPORT DWORD WaitForMultipleObjectsEx(DWORD count, const HANDLE* objects, BOOL all, DWORD milliseconds,
                                            BOOL alertable);

/** A named object that exists is opened, with ERROR_ALREADY_EXISTS as the last error; of another kind: NULL,
 * ERROR_INVALID_HANDLE. */
OSMIA_EXPORT HANDLE CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset, BOOL initial_state,
                                 LPCSTR name);
OSMIA_EXPORT HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset, BOOL initial_state,
                                 LPCWSTR name);
OSMIA_EXPORT BOOL SetEvent(HANDLE event);
OSMIA_EXPORT BOOL ResetEvent(HANDLE event);

OSMIA_EXPORT HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial_count, LONG maximum_count,
                                     LPCSTR name);
OSMIA_EXPORT HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial_count, LONG maximum_count,
                                     LPCWSTR name);
/** Past the maximum: FALSE, ERROR_TOO_MANY_POSTS and the count unchanged. */
OSMIA_EXPORT BOOL ReleaseSemaphore(HANDLE semaphore, LONG release_count, LONG* previous_count);

OSMIA_EXPORT HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCSTR name);
OSMIA_EXPORT HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCWSTR name);
/** Not the owner: FALSE, ERROR_NOT_OWNER. An owner that ends leaves the mutex abandoned: the next waiter gets
 * WAIT_ABANDONED. */
OSMIA_EXPORT BOOL ReleaseMutex(HANDLE mutex);

/** A recursive lock within the process. Neither copied nor moved after InitializeCriticalSection. */
typedef struct _RTL_CRITICAL_SECTION {
    ULONG_PTR osmia_opaque[8];
} RTL_CRITICAL_SECTION, *PRTL_CRITICAL_SECTION;
typedef RTL_CRITICAL_SECTION CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

OSMIA_EXPORT VOID InitializeCriticalSection(LPCRITICAL_SECTION section);
OSMIA_EXPORT BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD spin_count);
OSMIA_EXPORT BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD spin_count, DWORD flags);
OSMIA_EXPORT VOID EnterCriticalSection(LPCRITICAL_SECTION section);
OSMIA_EXPORT BOOL TryEnterCriticalSection(LPCRITICAL_SECTION section);
OSMIA_EXPORT VOID LeaveCriticalSection(LPCRITICAL_SECTION section);
OSMIA_EXPORT VOID DeleteCriticalSection(LPCRITICAL_SECTION section);

/** A reader-writer lock; all zeros is unlocked. */
typedef struct _RTL_SRWLOCK {
    ULONG_PTR osmia_opaque[8];
} SRWLOCK, *PSRWLOCK;
#define SRWLOCK_INIT \
    {                \
        { 0 }        \
    }
OSMIA_EXPORT VOID InitializeSRWLock(PSRWLOCK lock);
OSMIA_EXPORT VOID AcquireSRWLockExclusive(PSRWLOCK lock);
OSMIA_EXPORT VOID ReleaseSRWLockExclusive(PSRWLOCK lock);
OSMIA_EXPORT VOID AcquireSRWLockShared(PSRWLOCK lock);
OSMIA_EXPORT VOID ReleaseSRWLockShared(PSRWLOCK lock);

/* Interlocked arithmetic: full barriers, the return values of Windows (increment: the new value; exchange,
 * add: the old one). */
static inline LONG InterlockedIncrement(LONG volatile* value) {
    return __atomic_add_fetch(value, 1, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedDecrement(LONG volatile* value) {
    return __atomic_sub_fetch(value, 1, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedExchange(LONG volatile* value, LONG desired) {
    return __atomic_exchange_n(value, desired, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedExchangeAdd(LONG volatile* value, LONG amount) {
    return __atomic_fetch_add(value, amount, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedCompareExchange(LONG volatile* value, LONG desired, LONG expected) {
    __atomic_compare_exchange_n(value, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}
static inline LONGLONG InterlockedIncrement64(LONGLONG volatile* value) {
    return __atomic_add_fetch(value, 1, __ATOMIC_SEQ_CST);
}
static inline LONGLONG InterlockedDecrement64(LONGLONG volatile* value) {
    return __atomic_sub_fetch(value, 1, __ATOMIC_SEQ_CST);
}
static inline LONGLONG InterlockedExchangeAdd64(LONGLONG volatile* value, LONGLONG amount) {
    return __atomic_fetch_add(value, amount, __ATOMIC_SEQ_CST);
}
static inline LONGLONG InterlockedCompareExchange64(LONGLONG volatile* value, LONGLONG desired,
                                                    LONGLONG expected) {
    __atomic_compare_exchange_n(value, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}
static inline PVOID InterlockedExchangePointer(PVOID volatile* value, PVOID desired) {
    return __atomic_exchange_n(value, desired, __ATOMIC_SEQ_CST);
}
static inline PVOID InterlockedCompareExchangePointer(PVOID volatile* value, PVOID desired, PVOID expected) {
    __atomic_compare_exchange_n(value, &expected, desired, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
}
static inline VOID MemoryBarrier(void) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#ifdef UNICODE
#define CreateEvent CreateEventW
#define CreateSemaphore CreateSemaphoreW
#define CreateMutex CreateMutexW
#else
#define CreateEvent CreateEventA
#define CreateSemaphore CreateSemaphoreA
#define CreateMutex CreateMutexA
#endif

OSMIA_EXTERN_C_END

#endif
