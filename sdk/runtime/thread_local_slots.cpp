/// \file
/// TlsAlloc and its like.
#include <array>
#include <mutex>

#include "last_error.h"

namespace osmia::win32 {

namespace {

/// One thread's value, good only for the allocation of the slot in which it was set: a freed and reused slot
/// reads NULL.
struct Value {
    LPVOID value = nullptr;
    ULONGLONG allocation = 0;
};

thread_local std::array<Value, TLS_MINIMUM_AVAILABLE> values;

std::mutex slots_mutex;
std::array<ULONGLONG, TLS_MINIMUM_AVAILABLE> allocations{};  // 0: the slot is free
ULONGLONG next_allocation = 1;

ULONGLONG allocation_of(DWORD index) {
    if (index >= TLS_MINIMUM_AVAILABLE) return 0;
    std::scoped_lock lock(slots_mutex);
    return allocations[index];
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

DWORD TlsAlloc() {
    std::scoped_lock lock(slots_mutex);
    for (DWORD index = 0; index < TLS_MINIMUM_AVAILABLE; ++index) {
        if (allocations[index] != 0) continue;
        allocations[index] = next_allocation++;
        return index;
    }
    fail(ERROR_NO_SYSTEM_RESOURCES);
    return TLS_OUT_OF_INDEXES;
}

BOOL TlsFree(DWORD index) {
    std::scoped_lock lock(slots_mutex);
    if (index >= TLS_MINIMUM_AVAILABLE || allocations[index] == 0) return fail(ERROR_INVALID_PARAMETER);
    allocations[index] = 0;
    return TRUE;
}

LPVOID TlsGetValue(DWORD index) {
    ULONGLONG allocation = allocation_of(index);
    if (allocation == 0) {
        fail(ERROR_INVALID_PARAMETER);
        return nullptr;
    }
    SetLastError(ERROR_SUCCESS);
    return values[index].allocation == allocation ? values[index].value : nullptr;
}

BOOL TlsSetValue(DWORD index, LPVOID value) {
    ULONGLONG allocation = allocation_of(index);
    if (allocation == 0) return fail(ERROR_INVALID_PARAMETER);
    values[index] = {value, allocation};
    return TRUE;
}
