/// \file
/// Critical sections and slim reader-writer locks: pthread's, kept inside the caller's structure.
#include <pthread.h>

#include <new>

#include <windows.h>

namespace {

static_assert(sizeof(pthread_mutex_t) <= sizeof(CRITICAL_SECTION));
static_assert(alignof(pthread_mutex_t) <= alignof(CRITICAL_SECTION));
static_assert(sizeof(pthread_rwlock_t) <= sizeof(SRWLOCK));

pthread_mutex_t* mutex_of(LPCRITICAL_SECTION section) {
    return reinterpret_cast<pthread_mutex_t*>(section);
}

pthread_rwlock_t* rwlock_of(PSRWLOCK lock) {
    return reinterpret_cast<pthread_rwlock_t*>(lock);
}

}  // namespace

VOID InitializeCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(new (section) pthread_mutex_t, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD) {
    InitializeCriticalSection(section);
    return TRUE;
}

BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD, DWORD) {
    InitializeCriticalSection(section);
    return TRUE;
}

VOID EnterCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutex_lock(mutex_of(section));
}

BOOL TryEnterCriticalSection(LPCRITICAL_SECTION section) {
    return pthread_mutex_trylock(mutex_of(section)) == 0;
}

VOID LeaveCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutex_unlock(mutex_of(section));
}

VOID DeleteCriticalSection(LPCRITICAL_SECTION section) {
    pthread_mutex_destroy(mutex_of(section));
}

VOID InitializeSRWLock(PSRWLOCK lock) {
    pthread_rwlock_init(new (lock) pthread_rwlock_t, nullptr);
}

VOID AcquireSRWLockExclusive(PSRWLOCK lock) {
    pthread_rwlock_wrlock(rwlock_of(lock));
}

VOID ReleaseSRWLockExclusive(PSRWLOCK lock) {
    pthread_rwlock_unlock(rwlock_of(lock));
}

VOID AcquireSRWLockShared(PSRWLOCK lock) {
    pthread_rwlock_rdlock(rwlock_of(lock));
}

VOID ReleaseSRWLockShared(PSRWLOCK lock) {
    pthread_rwlock_unlock(rwlock_of(lock));
}
