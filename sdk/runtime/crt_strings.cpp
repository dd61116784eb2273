/// \file
/// String functions of Microsoft's C library, 8-bit.
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bounded_copy.h"

namespace osmia::win32 {

int report_misuse(const char* function, const char* what, int code) {
    OutputDebugStringA((std::string("osmia-win32: ") + function + ": " + what).c_str());
    errno = code;
    return code;
}

namespace {

/// Room for 64 binary digits, a sign and the NUL.
constexpr size_t kDigits = 66;

std::string digits(ULONGLONG value, bool negative, unsigned radix) {
    char buffer[kDigits];
    char* first = buffer + sizeof buffer;
    do {
        *--first = "0123456789abcdefghijklmnopqrstuvwxyz"[value % radix];
        value /= radix;
    } while (value != 0);
    if (negative) *--first = '-';
    return {first, buffer + sizeof buffer};
}

/// Only decimal numbers are signed, as with Microsoft's.
std::string digits_of(int value, int radix) {
    bool negative = radix == 10 && value < 0;
    ULONGLONG magnitude =
        negative ? ULONGLONG{0} - static_cast<ULONGLONG>(value) : static_cast<unsigned>(value);
    return digits(magnitude, negative, static_cast<unsigned>(radix));
}

bool radix_is_good(int radix) {
    return radix >= 2 && radix <= 36;
}

char* put_number(const std::string& number, char* target) {
    memcpy(target, number.c_str(), number.size() + 1);
    return target;
}

errno_t bounded_move(const char* function, void* target, size_t size, const void* source, size_t count) {
    if (count == 0) return 0;
    if (!target) return report_misuse(function, "a NULL pointer", EINVAL);
    if (!source || count > size) {
        memset(target, 0, size);
        return source ? report_misuse(function, "the buffer is too small", ERANGE)
                      : report_misuse(function, "a NULL pointer", EINVAL);
    }
    memmove(target, source, count);
    return 0;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

errno_t strcpy_s(char* target, size_t size, const char* source) {
    return bounded_copy("strcpy_s", target, size, source);
}

errno_t strcat_s(char* target, size_t size, const char* source) {
    return bounded_concatenate("strcat_s", target, size, source, source ? strlen(source) : 0);
}

errno_t strncpy_s(char* target, size_t size, const char* source, size_t count) {
    if (!target && size == 0 && count == 0) return 0;
    if (errno_t error = check_bounded("strncpy_s", target, size, source)) return error;
    return bounded_copy_n("strncpy_s", target, size, 0, source, count);
}

errno_t strncat_s(char* target, size_t size, const char* source, size_t count) {
    return bounded_concatenate("strncat_s", target, size, source, count);
}

errno_t memcpy_s(void* target, size_t size, const void* source, size_t count) {
    return bounded_move("memcpy_s", target, size, source, count);
}

errno_t memmove_s(void* target, size_t size, const void* source, size_t count) {
    return bounded_move("memmove_s", target, size, source, count);
}

size_t strnlen_s(const char* text, size_t size) {
    return text ? strnlen(text, size) : 0;
}

char* strtok_s(char* text, const char* delimiters, char** context) {
    return strtok_r(text, delimiters, context);
}

int _stricmp(const char* left, const char* right) {
    return lstrcmpiA(left, right);
}

int _strnicmp(const char* left, const char* right, size_t count) {
    return strncasecmp(left, right, count);
}

char* _strlwr(char* text) {
    for (char* at = text; *at; ++at) {
        if (*at >= 'A' && *at <= 'Z') *at = static_cast<char>(*at + ('a' - 'A'));
    }
    return text;
}

char* _strupr(char* text) {
    for (char* at = text; *at; ++at) {
        if (*at >= 'a' && *at <= 'z') *at = static_cast<char>(*at - ('a' - 'A'));
    }
    return text;
}

char* _strdup(const char* text) {
    return text ? strdup(text) : nullptr;
}

char* _itoa(int value, char* target, int radix) {
    return radix_is_good(radix) ? put_number(digits_of(value, radix), target) : target;
}

char* _ltoa(LONG value, char* target, int radix) {
    return _itoa(value, target, radix);
}

char* _ultoa(ULONG value, char* target, int radix) {
    return radix_is_good(radix) ? put_number(digits(value, false, static_cast<unsigned>(radix)), target)
                                : target;
}

errno_t _itoa_s(int value, char* target, size_t size, int radix) {
    if (!radix_is_good(radix)) return report_misuse("_itoa_s", "the radix is not 2 to 36", EINVAL);
    return bounded_copy("_itoa_s", target, size, digits_of(value, radix).c_str());
}

LONGLONG _atoi64(const char* text) {
    return text ? strtoll(text, nullptr, 10) : 0;
}

errno_t fopen_s(FILE** file, const char* path, const char* mode) {
    if (!file || !path || !mode) return report_misuse("fopen_s", "a NULL pointer", EINVAL);
    *file = fopen(path, mode);
    return *file ? 0 : errno;
}

uintptr_t _beginthreadex(void*, unsigned stack_size, unsigned (*start)(void*), void* argument, unsigned flags,
                         unsigned* thread_id) {
    HANDLE thread = CreateThread(nullptr, stack_size, start, argument, flags, thread_id);
    if (!thread) errno = EAGAIN;
    return reinterpret_cast<uintptr_t>(thread);
}

void _endthreadex(unsigned exit_code) {
    ExitThread(exit_code);
}
