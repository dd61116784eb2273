/// \file
/// Wide formatting, conversion and bounds-checked copies, 16-bit.
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <osmia_win32/wide_crt.h>

#include "bounded_copy.h"
#include "format.h"
#include "unicode.h"
#include "wide_functions.h"

namespace osmia::win32 {

namespace {

using Traits = std::char_traits<WCHAR>;

int invalid_format() {
    errno = EINVAL;
    return -1;
}

int store(WCHAR* target, const std::u16string& text) {
    Traits::copy(target, text.c_str(), text.size() + 1);
    return static_cast<int>(text.size());
}

/// The whole characters of \a text that fit \a count units.
template <class Char, class Convert>
size_t fitting(const std::basic_string<Char>& text, size_t count, Convert starts_character) {
    if (text.size() <= count) return text.size();
    while (count > 0 && !starts_character(text[count])) --count;
    return count;
}

template <class Char, class Convert>
size_t deliver(const std::basic_string<Char>& text, Validity validity, Char* target, size_t count,
               Convert starts_character) {
    if (validity == Validity::Replaced) {
        errno = EILSEQ;
        return static_cast<size_t>(-1);
    }
    if (!target) return text.size();
    size_t length = fitting(text, count, starts_character);
    std::char_traits<Char>::copy(target, text.data(), length);
    if (length < count) target[length] = Char{};
    return length;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

size_t __wrap_mbstowcs(WCHAR* target, const char* source, size_t count) {
    Validity validity{};
    std::u16string text = utf16(source, &validity);
    return deliver(text, validity, target, count, [](WCHAR unit) { return unit < 0xDC00 || unit > 0xDFFF; });
}

size_t __wrap_wcstombs(char* target, const WCHAR* source, size_t count) {
    Validity validity{};
    std::string text = utf8(source, &validity);
    return deliver(text, validity, target, count, [](char byte) { return (byte & 0xC0) != 0x80; });
}

// The standard's: -1 when it does not fit.
int __wrap_vswprintf(WCHAR* target, size_t size, const WCHAR* format, va_list arguments) {
    auto text = format_wide(format, arguments);
    if (!text) return invalid_format();
    if (text->size() >= size || text->size() > INT_MAX) {
        if (size > 0) target[0] = WCHAR{};
        return -1;
    }
    return store(target, *text);
}

int vswprintf_s(WCHAR* target, size_t size, const WCHAR* format, va_list arguments) {
    if (check_bounded("swprintf_s", target, size, format) != 0) return -1;
    int length = __wrap_vswprintf(target, size, format, arguments);
    if (length < 0) report_misuse("swprintf_s", "the buffer is too small or the format invalid", ERANGE);
    return length;
}

int _vsnwprintf(WCHAR* target, size_t size, const WCHAR* format, va_list arguments) {
    auto text = format_wide(format, arguments);
    if (!text) return invalid_format();
    Traits::copy(target, text->data(), std::min(text->size(), size));
    if (text->size() < size) target[text->size()] = WCHAR{};
    return text->size() <= size ? static_cast<int>(text->size()) : -1;
}

// The forms with an argument list, each from its form with a va_list.
#define OSMIA_VARIADIC(call)     \
    va_list arguments;           \
    va_start(arguments, format); \
    int result = call;           \
    va_end(arguments);           \
    return result

int __wrap_swprintf(WCHAR* target, size_t size, const WCHAR* format, ...) {
    OSMIA_VARIADIC(__wrap_vswprintf(target, size, format, arguments));
}
int swprintf_s(WCHAR* target, size_t size, const WCHAR* format, ...) {
    OSMIA_VARIADIC(vswprintf_s(target, size, format, arguments));
}
int _snwprintf(WCHAR* target, size_t size, const WCHAR* format, ...) {
    OSMIA_VARIADIC(_vsnwprintf(target, size, format, arguments));
}

#undef OSMIA_VARIADIC

int wsprintfW(LPWSTR target, LPCWSTR format, ...) {
    va_list arguments;
    va_start(arguments, format);
    auto text = format_wide(format, arguments);
    va_end(arguments);
    if (!text) return 0;
    text->resize(std::min<size_t>(text->size(), OSMIA_WSPRINTF_LIMIT - 1));
    return store(target, *text);
}

errno_t wcscpy_s(WCHAR* target, size_t size, const WCHAR* source) {
    return bounded_copy("wcscpy_s", target, size, source);
}

errno_t wcscat_s(WCHAR* target, size_t size, const WCHAR* source) {
    return bounded_concatenate("wcscat_s", target, size, source, source ? Traits::length(source) : 0);
}

errno_t wcsncpy_s(WCHAR* target, size_t size, const WCHAR* source, size_t count) {
    if (errno_t error = check_bounded("wcsncpy_s", target, size, source)) return error;
    return bounded_copy_n("wcsncpy_s", target, size, 0, source, count);
}

int _wcsicmp(const WCHAR* left, const WCHAR* right) {
    return __wrap_wcscasecmp(left, right);
}

int _wcsnicmp(const WCHAR* left, const WCHAR* right, size_t count) {
    return __wrap_wcsncasecmp(left, right, count);
}

WCHAR* _wcsdup(const WCHAR* text) {
    return text ? __wrap_wcsdup(text) : nullptr;
}

int _wtoi(const WCHAR* text) {
    return static_cast<int>(__wrap_wcstol(text, nullptr, 10));
}
