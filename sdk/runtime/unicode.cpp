#include "unicode.h"

#include <algorithm>
#include <climits>

#include "last_error.h"

namespace osmia::win32 {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kLastCodePoint = 0x10FFFF;

struct Decoded {
    char32_t code_point;
    size_t length;
    bool valid;
};

bool is_surrogate(char32_t value) {
    return value >= 0xD800 && value <= 0xDFFF;
}

/// The range that the byte after this lead may have: it excludes overlong forms, surrogates and what lies
/// past U+10FFFF.
bool second_byte_fits(unsigned lead, unsigned second) {
    unsigned lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= lowest && second <= highest;
}

Decoded decode_utf8(std::string_view text) {
    auto byte = [&](size_t index) { return static_cast<unsigned>(static_cast<unsigned char>(text[index])); };
    unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 0;
    if (length == 0) return {kReplacement, 1, false};
    char32_t value = lead & (0x7Fu >> length);
    for (size_t index = 1; index < length; ++index) {
        if (index >= text.size()) return {kReplacement, index, false};
        bool fits = index == 1 ? second_byte_fits(lead, byte(index)) : (byte(index) & 0xC0) == 0x80;
        if (!fits) return {kReplacement, index, false};
        value = (value << 6) | (byte(index) & 0x3F);
    }
    return {value, length, true};
}

Decoded decode_utf16(std::u16string_view text) {
    char32_t first = text[0];
    if (!is_surrogate(first)) return {first, 1, true};
    bool high = first < 0xDC00;
    if (!high || text.size() < 2 || text[1] < 0xDC00 || text[1] > 0xDFFF) return {kReplacement, 1, false};
    return {0x10000 + ((first - 0xD800) << 10) + (text[1] - 0xDC00u), 2, true};
}

void append(std::u16string& target, char32_t value) {
    if (value < 0x10000) {
        target.push_back(static_cast<char16_t>(value));
        return;
    }
    target.push_back(static_cast<char16_t>(0xD800 + ((value - 0x10000) >> 10)));
    target.push_back(static_cast<char16_t>(0xDC00 + ((value - 0x10000) & 0x3FF)));
}

void append(std::string& target, char32_t value) {
    auto put = [&target](char32_t byte) { target.push_back(static_cast<char>(byte)); };
    if (value < 0x80) {
        put(value);
    } else if (value < 0x800) {
        put(0xC0 | (value >> 6));
        put(0x80 | (value & 0x3F));
    } else if (value < 0x10000) {
        put(0xE0 | (value >> 12));
        put(0x80 | ((value >> 6) & 0x3F));
        put(0x80 | (value & 0x3F));
    } else {
        put(0xF0 | (value >> 18));
        put(0x80 | ((value >> 12) & 0x3F));
        put(0x80 | ((value >> 6) & 0x3F));
        put(0x80 | (value & 0x3F));
    }
}

template <class To, class From, class Decode>
To convert(From text, Decode decode, Validity* validity) {
    To result;
    result.reserve(text.size());
    bool valid = true;
    while (!text.empty()) {
        Decoded decoded = decode(text);
        valid = valid && decoded.valid;
        append(result, decoded.code_point);
        text.remove_prefix(decoded.length);
    }
    if (validity) *validity = valid ? Validity::Valid : Validity::Replaced;
    return result;
}

}  // namespace

std::u16string utf16(std::string_view text, Validity* validity) {
    return convert<std::u16string>(text, decode_utf8, validity);
}

std::string utf8(std::u16string_view text, Validity* validity) {
    return convert<std::string>(text, decode_utf16, validity);
}

namespace {

bool is_utf8_code_page(UINT code_page) {
    return code_page == CP_ACP || code_page == CP_OEMCP || code_page == CP_THREAD_ACP || code_page == CP_UTF8;
}

/// The caller's text: \a size units, or up to and with its NUL when the size is -1.
template <class Char>
std::basic_string_view<Char> source_view(const Char* source, int size) {
    if (size >= 0) return {source, static_cast<size_t>(size)};
    return {source, std::char_traits<Char>::length(source) + 1};
}

template <class Char>
int deliver(const std::basic_string<Char>& converted, Char* target, int target_size) {
    if (converted.size() > INT_MAX) return fail(ERROR_INVALID_PARAMETER);
    auto size = static_cast<int>(converted.size());
    if (target_size == 0) return size;
    if (target_size < size) return fail(ERROR_INSUFFICIENT_BUFFER);
    std::copy(converted.begin(), converted.end(), target);
    return size;
}

bool arguments_are_good(UINT code_page, const void* source, int source_size, const void* target,
                        int target_size) {
    bool good_target = target_size == 0 || (target_size > 0 && target);
    return is_utf8_code_page(code_page) && source && source_size != 0 && source_size >= -1 && good_target;
}

}  // namespace

}  // namespace osmia::win32

using namespace osmia::win32;

int MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR source, int source_size, LPWSTR target,
                        int target_size) {
    if (!arguments_are_good(code_page, source, source_size, target, target_size))
        return fail(ERROR_INVALID_PARAMETER);
    Validity validity{};
    std::u16string converted = utf16(source_view(source, source_size), &validity);
    if (validity == Validity::Replaced && (flags & MB_ERR_INVALID_CHARS))
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    return deliver(converted, target, target_size);
}

int WideCharToMultiByte(UINT code_page, DWORD flags, LPCWSTR source, int source_size, LPSTR target,
                        int target_size, LPCSTR, LPBOOL used_default_char) {
    if (!arguments_are_good(code_page, source, source_size, target, target_size))
        return fail(ERROR_INVALID_PARAMETER);
    Validity validity{};
    std::string converted = utf8(source_view(source, source_size), &validity);
    if (validity == Validity::Replaced && (flags & WC_ERR_INVALID_CHARS))
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    if (used_default_char) *used_default_char = validity == Validity::Replaced;
    return deliver(converted, target, target_size);
}
