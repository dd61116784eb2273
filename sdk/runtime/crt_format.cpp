/// \file
/// The printf family with Windows' formats, 8-bit; docs of the names in osmia_win32/crt.h and
/// osmia_win32/prelude.h.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "bounded_copy.h"
#include "format.h"

#include <osmia_win32/stdio_names.h>

namespace osmia::win32 {

namespace {

int length_or_error(size_t length) {
    return length <= INT_MAX ? static_cast<int>(length) : -1;
}

int invalid_format() {
    errno = EINVAL;
    return -1;
}

/// snprintf of the standard: terminated always, returns what it would have been.
int store_standard(char* target, size_t size, const char* format, va_list arguments) {
    auto text = format_narrow(format, arguments);
    if (!text) return invalid_format();
    if (size > 0) {
        size_t length = std::min(text->size(), size - 1);
        memcpy(target, text->data(), length);
        target[length] = '\0';
    }
    return length_or_error(text->size());
}

int store_unbounded(char* target, const char* format, va_list arguments) {
    auto text = format_narrow(format, arguments);
    if (!text) return invalid_format();
    memcpy(target, text->c_str(), text->size() + 1);
    return length_or_error(text->size());
}

int print(FILE* file, const char* format, va_list arguments) {
    auto text = format_narrow(format, arguments);
    if (!text) return invalid_format();
    size_t written = fwrite(text->data(), 1, text->size(), file);
    return written == text->size() ? length_or_error(written) : -1;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

int vsprintf_s(char* target, size_t size, const char* format, va_list arguments) {
    if (check_bounded("sprintf_s", target, size, format) != 0) return -1;
    auto text = format_narrow(format, arguments);
    if (!text) {
        target[0] = '\0';
        return invalid_format();
    }
    if (bounded_append("sprintf_s", target, size, 0, text->data(), text->size()) != 0) return -1;
    return length_or_error(text->size());
}

int _vsnprintf_s(char* target, size_t size, size_t count, const char* format, va_list arguments) {
    if (check_bounded("_snprintf_s", target, size, format) != 0) return -1;
    auto text = format_narrow(format, arguments);
    if (!text) return invalid_format();
    bool cut = count != _TRUNCATE && text->size() > count;
    errno_t error = bounded_copy_n("_snprintf_s", target, size, 0, text->c_str(), count);
    return error != 0 || cut ? -1 : length_or_error(text->size());
}

int _vsnprintf(char* target, size_t size, const char* format, va_list arguments) {
    auto text = format_narrow(format, arguments);
    if (!text) return invalid_format();
    memcpy(target, text->data(), std::min(text->size(), size));
    if (text->size() < size) target[text->size()] = '\0';
    return text->size() <= size ? length_or_error(text->size()) : -1;
}

int wvsprintfA(LPSTR target, LPCSTR format, va_list arguments) {
    int length = store_standard(target, OSMIA_WSPRINTF_LIMIT, format, arguments);
    return std::min(length, OSMIA_WSPRINTF_LIMIT - 1);
}

int osmia_win32_vsnprintf(char* target, size_t size, const char* format, va_list arguments) {
    return store_standard(target, size, format, arguments);
}

int osmia_win32_vsprintf(char* target, const char* format, va_list arguments) {
    return store_unbounded(target, format, arguments);
}

int osmia_win32_vfprintf(FILE* file, const char* format, va_list arguments) {
    return print(file, format, arguments);
}

int osmia_win32_vprintf(const char* format, va_list arguments) {
    return print(stdout, format, arguments);
}

// The forms with an argument list, each from its form with a va_list.
#define OSMIA_VARIADIC(call)     \
    va_list arguments;           \
    va_start(arguments, format); \
    int result = call;           \
    va_end(arguments);           \
    return result

int sprintf_s(char* target, size_t size, const char* format, ...) {
    OSMIA_VARIADIC(vsprintf_s(target, size, format, arguments));
}
int _snprintf_s(char* target, size_t size, size_t count, const char* format, ...) {
    OSMIA_VARIADIC(_vsnprintf_s(target, size, count, format, arguments));
}
int _snprintf(char* target, size_t size, const char* format, ...) {
    OSMIA_VARIADIC(_vsnprintf(target, size, format, arguments));
}
int wsprintfA(LPSTR target, LPCSTR format, ...) {
    OSMIA_VARIADIC(wvsprintfA(target, format, arguments));
}
int osmia_win32_snprintf(char* target, size_t size, const char* format, ...) {
    OSMIA_VARIADIC(store_standard(target, size, format, arguments));
}
int osmia_win32_sprintf(char* target, const char* format, ...) {
    OSMIA_VARIADIC(store_unbounded(target, format, arguments));
}
int osmia_win32_fprintf(FILE* file, const char* format, ...) {
    OSMIA_VARIADIC(print(file, format, arguments));
}
int osmia_win32_printf(const char* format, ...) {
    OSMIA_VARIADIC(print(stdout, format, arguments));
}

#undef OSMIA_VARIADIC
