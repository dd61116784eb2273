/// \file
/// The C library's wide functions for 16-bit characters. osmia-cc links with --wrap, so that `wcslen` in an
/// extension is
/// `__wrap_wcslen` here; wide functions that are not here fail at link time. See
/// docs/decisions/0001-wide-characters.md.
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <limits>
#include <string>

#include "wide_functions.h"

namespace {

using Traits = std::char_traits<WCHAR>;

WCHAR folded(WCHAR unit) {
    return unit >= u'A' && unit <= u'Z' ? static_cast<WCHAR>(unit + (u'a' - u'A')) : unit;
}

template <class Key>
int compare(const WCHAR* left, const WCHAR* right, size_t count, Key key) {
    for (size_t index = 0; index < count; ++index) {
        WCHAR a = key(left[index]);
        WCHAR b = key(right[index]);
        if (a != b) return a < b ? -1 : 1;
        if (a == 0) return 0;
    }
    return 0;
}

WCHAR identity(WCHAR unit) {
    return unit;
}

bool contains(const WCHAR* set, WCHAR unit) {
    for (; *set; ++set) {
        if (*set == unit) return true;
    }
    return false;
}

}  // namespace

size_t __wrap_wcslen(const WCHAR* text) {
    return Traits::length(text);
}

size_t __wrap_wcsnlen(const WCHAR* text, size_t size) {
    size_t length = 0;
    while (length < size && text[length]) ++length;
    return length;
}

WCHAR* __wrap_wcscpy(WCHAR* target, const WCHAR* source) {
    return Traits::copy(target, source, Traits::length(source) + 1);
}

WCHAR* __wrap_wcsncpy(WCHAR* target, const WCHAR* source, size_t count) {
    size_t length = __wrap_wcsnlen(source, count);
    Traits::copy(target, source, length);
    Traits::assign(target + length, count - length, WCHAR{});
    return target;
}

WCHAR* __wrap_wcscat(WCHAR* target, const WCHAR* source) {
    __wrap_wcscpy(target + Traits::length(target), source);
    return target;
}

WCHAR* __wrap_wcsncat(WCHAR* target, const WCHAR* source, size_t count) {
    WCHAR* end = target + Traits::length(target);
    size_t length = __wrap_wcsnlen(source, count);
    Traits::copy(end, source, length);
    end[length] = WCHAR{};
    return target;
}

int __wrap_wcscmp(const WCHAR* left, const WCHAR* right) {
    return compare(left, right, SIZE_MAX, identity);
}

int __wrap_wcsncmp(const WCHAR* left, const WCHAR* right, size_t count) {
    return compare(left, right, count, identity);
}

int __wrap_wcscasecmp(const WCHAR* left, const WCHAR* right) {
    return compare(left, right, SIZE_MAX, folded);
}

int __wrap_wcsncasecmp(const WCHAR* left, const WCHAR* right, size_t count) {
    return compare(left, right, count, folded);
}

WCHAR* __wrap_wcschr(const WCHAR* text, WCHAR unit) {
    for (;; ++text) {
        if (*text == unit) return const_cast<WCHAR*>(text);
        if (!*text) return nullptr;
    }
}

WCHAR* __wrap_wcsrchr(const WCHAR* text, WCHAR unit) {
    const WCHAR* last = nullptr;
    for (;; ++text) {
        if (*text == unit) last = text;
        if (!*text) return const_cast<WCHAR*>(last);
    }
}

WCHAR* __wrap_wcsstr(const WCHAR* text, const WCHAR* wanted) {
    size_t at = std::u16string_view(text).find(wanted);
    return at == std::u16string_view::npos ? nullptr : const_cast<WCHAR*>(text + at);
}

size_t __wrap_wcsspn(const WCHAR* text, const WCHAR* set) {
    size_t length = 0;
    while (text[length] && contains(set, text[length])) ++length;
    return length;
}

size_t __wrap_wcscspn(const WCHAR* text, const WCHAR* set) {
    size_t length = 0;
    while (text[length] && !contains(set, text[length])) ++length;
    return length;
}

WCHAR* __wrap_wcspbrk(const WCHAR* text, const WCHAR* set) {
    text += __wrap_wcscspn(text, set);
    return *text ? const_cast<WCHAR*>(text) : nullptr;
}

WCHAR* __wrap_wcstok(WCHAR* text, const WCHAR* delimiters, WCHAR** context) {
    WCHAR* token = text ? text : *context;
    if (!token) return nullptr;
    token += __wrap_wcsspn(token, delimiters);
    if (!*token) {
        *context = nullptr;
        return nullptr;
    }
    WCHAR* end = token + __wrap_wcscspn(token, delimiters);
    *context = *end ? end + 1 : nullptr;
    *end = WCHAR{};
    return token;
}

WCHAR* __wrap_wcsdup(const WCHAR* text) {
    size_t size = Traits::length(text) + 1;
    auto* copy = static_cast<WCHAR*>(malloc(size * sizeof(WCHAR)));
    return copy ? Traits::copy(copy, text, size) : nullptr;
}

WCHAR* __wrap_wmemcpy(WCHAR* target, const WCHAR* source, size_t count) {
    return Traits::copy(target, source, count);
}

WCHAR* __wrap_wmemmove(WCHAR* target, const WCHAR* source, size_t count) {
    return Traits::move(target, source, count);
}

WCHAR* __wrap_wmemset(WCHAR* target, WCHAR unit, size_t count) {
    return Traits::assign(target, count, unit);
}

int __wrap_wmemcmp(const WCHAR* left, const WCHAR* right, size_t count) {
    int result = Traits::compare(left, right, count);
    return result < 0 ? -1 : result > 0 ? 1 : 0;
}

WCHAR* __wrap_wmemchr(const WCHAR* text, WCHAR unit, size_t count) {
    return const_cast<WCHAR*>(Traits::find(text, count, unit));
}

namespace {

bool is_between(unsigned unit, char first, char last) {
    return unit >= static_cast<unsigned>(first) && unit <= static_cast<unsigned>(last);
}
bool is_digit(unsigned unit) {
    return is_between(unit, '0', '9');
}
bool is_lower(unsigned unit) {
    return is_between(unit, 'a', 'z');
}
bool is_upper(unsigned unit) {
    return is_between(unit, 'A', 'Z');
}
bool is_space(unsigned unit) {
    return unit == ' ' || is_between(unit, '\t', '\r');
}

}  // namespace

// Classes and cases are those of the "C" locale: beyond ASCII nothing is a letter and nothing has a case.
unsigned __wrap_towlower(unsigned unit) {
    return is_upper(unit) ? unit + ('a' - 'A') : unit;
}
unsigned __wrap_towupper(unsigned unit) {
    return is_lower(unit) ? unit - ('a' - 'A') : unit;
}
int __wrap_iswdigit(unsigned unit) {
    return is_digit(unit);
}
int __wrap_iswalpha(unsigned unit) {
    return is_lower(unit) || is_upper(unit);
}
int __wrap_iswalnum(unsigned unit) {
    return is_lower(unit) || is_upper(unit) || is_digit(unit);
}
int __wrap_iswlower(unsigned unit) {
    return is_lower(unit);
}
int __wrap_iswupper(unsigned unit) {
    return is_upper(unit);
}
int __wrap_iswspace(unsigned unit) {
    return is_space(unit);
}
int __wrap_iswxdigit(unsigned unit) {
    return is_digit(unit) || is_between(unit, 'a', 'f') || is_between(unit, 'A', 'F');
}
int __wrap_iswcntrl(unsigned unit) {
    return unit < ' ' || unit == 127;
}
int __wrap_iswprint(unsigned unit) {
    return is_between(unit, ' ', '~');
}
int __wrap_iswpunct(unsigned unit) {
    return is_between(unit, '!', '~') && !__wrap_iswalnum(unit);
}

namespace {

/// The ASCII part at the front of a number, for the C library's own conversions: every character of a number
/// is ASCII.
std::string ascii_prefix(const WCHAR* text) {
    std::string result;
    for (; *text && *text < 0x80; ++text) result.push_back(static_cast<char>(*text));
    return result;
}

template <class Value, class Convert>
Value convert(const WCHAR* text, WCHAR** end, Convert convert_ascii) {
    std::string ascii = ascii_prefix(text);
    char* stop = nullptr;
    Value value = convert_ascii(ascii.c_str(), &stop);
    if (end) *end = const_cast<WCHAR*>(text + (stop - ascii.c_str()));
    return value;
}

}  // namespace

long long __wrap_wcstoll(const WCHAR* text, WCHAR** end, int base) {
    return convert<long long>(text, end,
                              [base](const char* ascii, char** stop) { return strtoll(ascii, stop, base); });
}

unsigned long long __wrap_wcstoull(const WCHAR* text, WCHAR** end, int base) {
    return convert<unsigned long long>(
        text, end, [base](const char* ascii, char** stop) { return strtoull(ascii, stop, base); });
}

// The C type long has 64 bits in an extension, whatever LONG has.
long __wrap_wcstol(const WCHAR* text, WCHAR** end, int base) {
    return static_cast<long>(__wrap_wcstoll(text, end, base));
}

unsigned long __wrap_wcstoul(const WCHAR* text, WCHAR** end, int base) {
    return static_cast<unsigned long>(__wrap_wcstoull(text, end, base));
}

double __wrap_wcstod(const WCHAR* text, WCHAR** end) {
    return convert<double>(text, end, [](const char* ascii, char** stop) { return strtod(ascii, stop); });
}
