/// \file
/// The bounds-checked copies of Microsoft's library, for both widths.
#pragma once

#include <cerrno>
#include <string>

#include <osmia_win32/crt.h>

#include "misuse.h"

namespace osmia::win32 {

/// Appends \a source at \a used units into the target. ERANGE, with an empty target, when the whole does not
/// fit.
template <class Char>
errno_t bounded_append(const char* function, Char* target, size_t size, size_t used, const Char* source,
                       size_t length) {
    if (length < size - used) {
        std::char_traits<Char>::move(target + used, source, length);
        target[used + length] = Char{};
        return 0;
    }
    target[0] = Char{};
    return report_misuse(function, "the buffer is too small", ERANGE);
}

/// The checks that all of them make first: 0, or EINVAL. A NULL source empties the target.
template <class Char>
errno_t check_bounded(const char* function, Char* target, size_t size, const Char* source) {
    if (target && size > 0 && source) return 0;
    if (target && size > 0) target[0] = Char{};
    return report_misuse(function, "a NULL pointer or an empty buffer", EINVAL);
}

template <class Char>
size_t bounded_length(const Char* text, size_t size) {
    size_t length = 0;
    while (length < size && text[length]) ++length;
    return length;
}

template <class Char>
errno_t bounded_copy(const char* function, Char* target, size_t size, const Char* source) {
    if (errno_t error = check_bounded(function, target, size, source)) return error;
    return bounded_append(function, target, size, 0, source, bounded_length(source, size));
}

/// strncpy_s and strncat_s: at most \a count units; _TRUNCATE copies what fits and says so.
template <class Char>
errno_t bounded_copy_n(const char* function, Char* target, size_t size, size_t used, const Char* source,
                       size_t count) {
    if (count == _TRUNCATE) {
        size_t length = bounded_length(source, size - used);
        bool cut = length == size - used;
        bounded_append(function, target, size, used, source, cut ? length - 1 : length);
        return cut ? STRUNCATE : 0;
    }
    return bounded_append(function, target, size, used, source, bounded_length(source, count));
}

template <class Char>
errno_t bounded_concatenate(const char* function, Char* target, size_t size, const Char* source,
                            size_t count) {
    if (errno_t error = check_bounded(function, target, size, source)) return error;
    size_t used = bounded_length(target, size);
    if (used == size) {
        target[0] = Char{};
        return report_misuse(function, "the buffer is not terminated", EINVAL);
    }
    return bounded_copy_n(function, target, size, used, source, count);
}

}  // namespace osmia::win32
