/// \file
/// Names of events, mutexes and semaphores within the process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "waitable.h"

namespace osmia::win32 {

/// An object found or made under a name.
struct NamedObject {
    std::shared_ptr<Waitable> object;
    bool existed = false;
};

/// The live object of this name, or a new one from \a make, entered under the name; an empty name is never
/// shared.
NamedObject find_or_make(const std::string& name, const std::function<std::shared_ptr<Waitable>()>& make);

/// What CreateEvent and its like do: a handle to a new or existing T. Existing: last error
/// ERROR_ALREADY_EXISTS; of another type: NULL and ERROR_INVALID_HANDLE. Otherwise the last error becomes
/// ERROR_SUCCESS.
template <class T>
HANDLE create_named(const char* name, const std::function<std::shared_ptr<T>()>& make) {
    NamedObject found = find_or_make(name ? name : "", [&make] { return std::shared_ptr<Waitable>(make()); });
    if (!std::dynamic_pointer_cast<T>(found.object)) {
        SetLastError(ERROR_INVALID_HANDLE);
        return nullptr;
    }
    HANDLE handle = open_handle(found.object);
    if (handle) SetLastError(found.existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

}  // namespace osmia::win32
