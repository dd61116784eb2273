/**
 * \file
 * Heaps. Included through windows.h.
 *
 * All memory comes from malloc: movable blocks do not move, a HLOCAL or HGLOBAL is the address, and every
 * heap is the process's heap.
 */
#ifndef OSMIA_WIN32_MEMORY_H
#define OSMIA_WIN32_MEMORY_H

#include <string.h>

#include "types.h"

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GENERATE_EXCEPTIONS 0x00000004
#define HEAP_ZERO_MEMORY 0x00000008
#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
#define LHND (LMEM_MOVEABLE | LMEM_ZEROINIT)
#define NONZEROLPTR LMEM_FIXED
#define NONZEROLHND LMEM_MOVEABLE
#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GPTR (GMEM_FIXED | GMEM_ZEROINIT)
#define GHND (GMEM_MOVEABLE | GMEM_ZEROINIT)

#define MEM_COMMIT 0x00001000
#define MEM_RESERVE 0x00002000
#define MEM_RELEASE 0x00008000
#define PAGE_READONLY 0x02
#define PAGE_READWRITE 0x04

OSMIA_EXTERN_C_BEGIN

OSMIA_EXPORT HANDLE GetProcessHeap(void);
/** A heap of its own for accounting's sake only: HeapDestroy does not free what is still allocated. */
OSMIA_EXPORT HANDLE HeapCreate(DWORD options, SIZE_T initial_size, SIZE_T maximum_size);
OSMIA_EXPORT BOOL HeapDestroy(HANDLE heap);
/** NULL when there is no memory; as on Windows the last error is not set. */
OSMIA_EXPORT LPVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size);
OSMIA_EXPORT LPVOID HeapReAlloc(HANDLE heap, DWORD flags, LPVOID memory, SIZE_T size);
OSMIA_EXPORT BOOL HeapFree(HANDLE heap, DWORD flags, LPVOID memory);
OSMIA_EXPORT SIZE_T HeapSize(HANDLE heap, DWORD flags, LPCVOID memory);

/** NULL and ERROR_NOT_ENOUGH_MEMORY when there is no memory. */
OSMIA_EXPORT HLOCAL LocalAlloc(UINT flags, SIZE_T size);
OSMIA_EXPORT HLOCAL LocalReAlloc(HLOCAL memory, SIZE_T size, UINT flags);
/** Returns NULL, which means success. */
OSMIA_EXPORT HLOCAL LocalFree(HLOCAL memory);
OSMIA_EXPORT LPVOID LocalLock(HLOCAL memory);
OSMIA_EXPORT BOOL LocalUnlock(HLOCAL memory);
OSMIA_EXPORT HGLOBAL GlobalAlloc(UINT flags, SIZE_T size);
OSMIA_EXPORT HGLOBAL GlobalReAlloc(HGLOBAL memory, SIZE_T size, UINT flags);
OSMIA_EXPORT HGLOBAL GlobalFree(HGLOBAL memory);
OSMIA_EXPORT LPVOID GlobalLock(HGLOBAL memory);
OSMIA_EXPORT BOOL GlobalUnlock(HGLOBAL memory);

/**
 * Zeroed pages of their own, at an address of the system's choice: \a address must be NULL, \a type
 * MEM_COMMIT with or without MEM_RESERVE and \a protection PAGE_READWRITE; otherwise NULL and
 * ERROR_INVALID_PARAMETER.
 */
OSMIA_EXPORT LPVOID VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection);
/** Gives a whole allocation back: \a size 0 and \a type MEM_RELEASE, otherwise ERROR_INVALID_PARAMETER. */
OSMIA_EXPORT BOOL VirtualFree(LPVOID address, SIZE_T size, DWORD type);

#define ZeroMemory(address, length) memset((address), 0, (length))
#define FillMemory(address, length, byte) memset((address), (byte), (length))
#define CopyMemory(target, source, length) memcpy((target), (source), (length))
#define MoveMemory(target, source, length) memmove((target), (source), (length))
#define RtlZeroMemory ZeroMemory
#define RtlCopyMemory CopyMemory
/** Zeroes memory in a way that no optimiser removes. */
static inline PVOID SecureZeroMemory(PVOID address, SIZE_T length) {
    memset(address, 0, length);
    __asm__ __volatile__("" : : "r"(address) : "memory");
    return address;
}

OSMIA_EXTERN_C_END

#endif
