#include "handles.h"

#include <mutex>
#include <shared_mutex>
#include <vector>

#include "../include/osmia_host_runtime.h"
#include "last_error.h"

namespace osmia::win32 {

namespace {

// A handle is (generation, index + 1) << 2: like a real one it fits 31 bits, is a multiple of four and is
// never 0 or -1, and a handle used after its close is not mistaken for its successor.
constexpr unsigned kIndexBits = 17;
constexpr ULONG_PTR kIndexMask = (ULONG_PTR{1} << kIndexBits) - 1;
constexpr ULONG_PTR kGenerationMask = (ULONG_PTR{1} << 12) - 1;

struct Slot {
    std::shared_ptr<Object> object;
    ULONG_PTR generation = 0;
};

class Table {
public:
    HANDLE insert(std::shared_ptr<Object> object) {
        std::unique_lock lock(mutex_);
        size_t index = slots_.size();
        if (!free_.empty()) {
            index = free_.back();
            free_.pop_back();
        } else if (index == kHandleLimit) {
            return nullptr;
        } else {
            slots_.emplace_back();
        }
        slots_[index].object = std::move(object);
        return encode(index);
    }

    std::shared_ptr<Object> find(HANDLE handle) {
        std::shared_lock lock(mutex_);
        Slot* slot = decode(handle);
        return slot ? slot->object : nullptr;
    }

    /// The object is returned so that it ends after the lock is gone: its destructor may close files.
    std::shared_ptr<Object> remove(HANDLE handle) {
        std::unique_lock lock(mutex_);
        Slot* slot = decode(handle);
        if (!slot) return nullptr;
        slot->generation = (slot->generation + 1) & kGenerationMask;
        free_.push_back(static_cast<size_t>(slot - slots_.data()));
        return std::move(slot->object);
    }

    size_t count() {
        std::shared_lock lock(mutex_);
        return slots_.size() - free_.size();
    }

private:
    HANDLE encode(size_t index) const {
        ULONG_PTR value = (slots_[index].generation << kIndexBits) | (index + 1);
        return reinterpret_cast<HANDLE>(value << 2);
    }

    Slot* decode(HANDLE handle) {
        auto value = reinterpret_cast<ULONG_PTR>(handle);
        if ((value & 3) != 0) return nullptr;
        size_t number = (value >> 2) & kIndexMask;
        if (number == 0 || number > slots_.size()) return nullptr;
        Slot& slot = slots_[number - 1];
        bool current = slot.generation == value >> (2 + kIndexBits) && slot.object;
        return current ? &slot : nullptr;
    }

    std::shared_mutex mutex_;
    std::vector<Slot> slots_;
    std::vector<size_t> free_;
};

/// Never destroyed: extensions' threads may run until the process is gone.
Table& table() {
    static Table& instance = *new Table;
    return instance;
}

}  // namespace

HANDLE open_handle(std::shared_ptr<Object> object) {
    HANDLE handle = table().insert(std::move(object));
    if (!handle) fail(ERROR_NO_SYSTEM_RESOURCES);
    return handle;
}

std::shared_ptr<Object> find_object(HANDLE handle) {
    return table().find(handle);
}

bool close_handle(HANDLE handle) {
    return table().remove(handle) != nullptr;
}

size_t open_handle_count() {
    return table().count();
}

namespace {

class Token : public Object {};

}  // namespace

}  // namespace osmia::win32

BOOL CloseHandle(HANDLE object) {
    if (object == GetCurrentThread() || object == GetCurrentProcess()) return TRUE;
    return osmia::win32::close_handle(object) ? TRUE : osmia::win32::fail(ERROR_INVALID_HANDLE);
}

HANDLE osmia_host_create_token() {
    return osmia::win32::open_handle(std::make_shared<osmia::win32::Token>());
}

BOOL osmia_host_is_token(HANDLE handle) {
    return std::dynamic_pointer_cast<osmia::win32::Token>(osmia::win32::find_object(handle)) ? TRUE : FALSE;
}

size_t osmia_host_open_handles() {
    return osmia::win32::open_handle_count();
}
