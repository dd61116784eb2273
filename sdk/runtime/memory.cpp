/// \file
/// Heaps: all of them are malloc's.
#include <malloc.h>

#include <cstdlib>

#include "handles.h"
#include "last_error.h"

namespace osmia::win32 {

namespace {

class Heap : public Object {};

/// malloc that gives a distinct address for size 0, as HeapAlloc does.
LPVOID allocate(SIZE_T size, bool zeroed) {
    SIZE_T at_least_one = size == 0 ? 1 : size;
    return zeroed ? calloc(1, at_least_one) : malloc(at_least_one);
}

/// realloc that keeps the new part zeroed on demand.
LPVOID reallocate(LPVOID memory, SIZE_T size, bool zeroed) {
    SIZE_T before = malloc_usable_size(memory);
    auto* moved = static_cast<unsigned char*>(realloc(memory, size == 0 ? 1 : size));
    if (moved && zeroed && size > before) memset(moved + before, 0, size - before);
    return moved;
}

LPVOID or_no_memory(LPVOID memory) {
    if (!memory) fail(ERROR_NOT_ENOUGH_MEMORY);
    return memory;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

HANDLE GetProcessHeap() {
    static const HANDLE heap = open_handle(std::make_shared<Heap>());
    return heap;
}

HANDLE HeapCreate(DWORD, SIZE_T, SIZE_T) {
    return open_handle(std::make_shared<Heap>());
}

BOOL HeapDestroy(HANDLE heap) {
    return find_as<Heap>(heap) && close_handle(heap);
}

LPVOID HeapAlloc(HANDLE, DWORD flags, SIZE_T size) {
    return allocate(size, (flags & HEAP_ZERO_MEMORY) != 0);
}

LPVOID HeapReAlloc(HANDLE, DWORD flags, LPVOID memory, SIZE_T size) {
    return memory ? reallocate(memory, size, (flags & HEAP_ZERO_MEMORY) != 0) : nullptr;
}

BOOL HeapFree(HANDLE, DWORD, LPVOID memory) {
    free(memory);
    return TRUE;
}

SIZE_T HeapSize(HANDLE, DWORD, LPCVOID memory) {
    return malloc_usable_size(const_cast<LPVOID>(memory));
}

HLOCAL LocalAlloc(UINT flags, SIZE_T size) {
    return or_no_memory(allocate(size, (flags & LMEM_ZEROINIT) != 0));
}

HLOCAL LocalReAlloc(HLOCAL memory, SIZE_T size, UINT flags) {
    return or_no_memory(memory ? reallocate(memory, size, (flags & LMEM_ZEROINIT) != 0) : nullptr);
}

HLOCAL LocalFree(HLOCAL memory) {
    free(memory);
    return nullptr;
}

LPVOID LocalLock(HLOCAL memory) {
    return memory;
}

BOOL LocalUnlock(HLOCAL) {
    SetLastError(NO_ERROR);
    return FALSE;  // as documented for a block that is not locked any more
}

HGLOBAL GlobalAlloc(UINT flags, SIZE_T size) {
    return LocalAlloc(flags, size);
}

HGLOBAL GlobalReAlloc(HGLOBAL memory, SIZE_T size, UINT flags) {
    return LocalReAlloc(memory, size, flags);
}

HGLOBAL GlobalFree(HGLOBAL memory) {
    return LocalFree(memory);
}

LPVOID GlobalLock(HGLOBAL memory) {
    return memory;
}

BOOL GlobalUnlock(HGLOBAL memory) {
    return LocalUnlock(memory);
}
