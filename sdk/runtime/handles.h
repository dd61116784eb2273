/// \file
/// The process's table of handles: every HANDLE of the runtime names an object here.
#pragma once

#include <windows.h>

#include <memory>

namespace osmia::win32 {

/// At most so many handles are open at once; one more fails with ERROR_NO_SYSTEM_RESOURCES.
inline constexpr size_t kHandleLimit = 65536;

/// What a HANDLE names. Owned by the table and, for the time of a call, by whoever looked it up: an object
/// outlives the CloseHandle that happens while another thread uses it.
class Object {
public:
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;
};

/// Enters an object. NULL with the last error set when the table is full.
HANDLE open_handle(std::shared_ptr<Object> object);

/// The object of a handle; null (and no last error) when the handle is not open.
std::shared_ptr<Object> find_object(HANDLE handle);

/// Removes a handle; false when it is not open. The object ends with its last owner.
bool close_handle(HANDLE handle);

size_t open_handle_count();

/// The object of a handle as a T; null with ERROR_INVALID_HANDLE when it is not open or names something else.
template <class T>
std::shared_ptr<T> find_as(HANDLE handle) {
    auto object = std::dynamic_pointer_cast<T>(find_object(handle));
    if (!object) SetLastError(ERROR_INVALID_HANDLE);
    return object;
}

}  // namespace osmia::win32
