/// \file
/// VirtualAlloc and VirtualFree.
#include <sys/mman.h>

#include <map>
#include <mutex>

#include "last_error.h"

namespace osmia::win32 {

namespace {

/// The sizes of what was allocated, for VirtualFree is not told.
struct Allocations {
    std::mutex mutex;
    std::map<LPVOID, SIZE_T> sizes;
};

Allocations& allocations() {
    static Allocations& instance = *new Allocations;
    return instance;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

LPVOID VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection) {
    bool commits = (type & ~DWORD{MEM_RESERVE}) == MEM_COMMIT;
    if (address || size == 0 || !commits || protection != PAGE_READWRITE) {
        fail(ERROR_INVALID_PARAMETER);
        return nullptr;
    }
    LPVOID pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        fail(ERROR_NOT_ENOUGH_MEMORY);
        return nullptr;
    }
    std::scoped_lock lock(allocations().mutex);
    allocations().sizes[pages] = size;
    return pages;
}

BOOL VirtualFree(LPVOID address, SIZE_T size, DWORD type) {
    if (size != 0 || type != MEM_RELEASE) return fail(ERROR_INVALID_PARAMETER);
    SIZE_T whole = 0;
    {
        std::scoped_lock lock(allocations().mutex);
        auto found = allocations().sizes.find(address);
        if (found == allocations().sizes.end()) return fail(ERROR_INVALID_PARAMETER);
        whole = found->second;
        allocations().sizes.erase(found);
    }
    return munmap(address, whole) == 0 ? TRUE : fail_with_errno();
}
