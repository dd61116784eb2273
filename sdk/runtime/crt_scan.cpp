/// \file
/// The scanf family with Windows' formats: the format is rewritten for the C library, the arguments are
/// pointers either way.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>

#include <osmia_win32/stdio_names.h>

namespace osmia::win32 {

namespace {

/// Copies a scanset, which may hold anything, "[^]...]" included.
size_t scanset_length(const std::string& format, size_t start) {
    size_t at = start + 1;
    if (at < format.size() && format[at] == '^') ++at;
    if (at < format.size() && format[at] == ']') ++at;
    size_t end = format.find(']', at);
    return (end == std::string::npos ? format.size() : end + 1) - start;
}

bool starts_with(const std::string& text, size_t at, const char* prefix) {
    return text.compare(at, strlen(prefix), prefix) == 0;
}

/// One conversion, from behind its '%' on. Moves \a at past it. Empty for a wide target.
std::optional<std::string> rewrite_conversion(const std::string& format, size_t& at) {
    std::string result;
    while (at < format.size() && strchr("*0123456789", format[at])) result.push_back(format[at++]);
    std::string length;
    if (starts_with(format, at, "I64")) {
        length = "ll";
        at += 3;
    } else if (starts_with(format, at, "I32")) {
        at += 3;
    } else {
        while (at < format.size() && strchr("hljztL", format[at])) length.push_back(format[at++]);
    }
    if (at == format.size()) return result;
    char conversion = format[at];
    bool is_integer = strchr("diouxXn", conversion) != nullptr;
    bool is_text = strchr("scSC[", conversion) != nullptr;
    if (conversion == 'S' || conversion == 'C' || (is_text && length == "l")) return std::nullopt;
    if ((is_integer && length == "l") || (is_text && length == "h")) length.clear();
    size_t size = conversion == '[' ? scanset_length(format, at) : 1;
    result += length + format.substr(at, size);
    at += size;
    return result;
}

std::optional<std::string> rewrite(const std::string& format) {
    std::string result;
    for (size_t at = 0; at < format.size();) {
        result.push_back(format[at]);
        if (format[at++] != '%') continue;
        auto conversion = rewrite_conversion(format, at);
        if (!conversion) return std::nullopt;
        result += *conversion;
    }
    return result;
}

int refuse() {
    errno = EINVAL;
    return EOF;
}

}  // namespace

}  // namespace osmia::win32

int osmia_win32_vsscanf(const char* text, const char* format, va_list arguments) {
    auto rewritten = osmia::win32::rewrite(format);
    return rewritten ? vsscanf(text, rewritten->c_str(), arguments) : osmia::win32::refuse();
}

int osmia_win32_sscanf(const char* text, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int result = osmia_win32_vsscanf(text, format, arguments);
    va_end(arguments);
    return result;
}

int osmia_win32_fscanf(FILE* file, const char* format, ...) {
    auto rewritten = osmia::win32::rewrite(format);
    if (!rewritten) return osmia::win32::refuse();
    va_list arguments;
    va_start(arguments, format);
    int result = vfscanf(file, rewritten->c_str(), arguments);
    va_end(arguments);
    return result;
}
