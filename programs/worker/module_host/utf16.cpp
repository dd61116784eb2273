#include "worker/module_host/utf16.h"

#include <cstdint>

namespace osmia::worker {

namespace {

constexpr char32_t Replacement = 0xfffd;

unsigned sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead < 0xe0) return 2;
    if (lead >= 0xe0 && lead < 0xf0) return 3;
    if (lead >= 0xf0 && lead < 0xf5) return 4;
    return 0;
}

// Decodes one code point at the front; sets \a used.
char32_t decode_one(std::string_view text, std::size_t& used) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const unsigned length = sequence_length(lead);
    used = 1;
    if (length == 1) return lead;
    if (length == 0 || text.size() < length) return Replacement;
    char32_t point = lead & (0xffu >> (length + 1));
    for (unsigned i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) return Replacement;
        point = (point << 6) | (next & 0x3fu);
    }
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return Replacement;
    used = length;
    return point;
}

void append_utf8(std::string& out, char32_t point) {
    const auto put = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xc0 | (point >> 6));
    } else {
        if (point < 0x10000) {
            put(0xe0 | (point >> 12));
        } else {
            put(0xf0 | (point >> 18));
            put(0x80 | ((point >> 12) & 0x3f));
        }
        put(0x80 | ((point >> 6) & 0x3f));
    }
    put(0x80 | (point & 0x3f));
}

}  // namespace

std::u16string to_utf16(std::string_view text) {
    std::u16string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::size_t used = 0;
        const char32_t point = decode_one(text, used);
        text.remove_prefix(used);
        if (point < 0x10000) {
            out += static_cast<char16_t>(point);
        } else {
            out += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
            out += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
        }
    }
    return out;
}

std::string to_utf8(std::u16string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char32_t point = text[i];
        if (point >= 0xd800 && point < 0xe000) {
            const bool pair =
                point < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000;
            point = pair ? 0x10000 + ((point - 0xd800) << 10) + (text[i + 1] - 0xdc00u) : Replacement;
            if (pair) ++i;
        }
        append_utf8(out, point);
    }
    return out;
}

}  // namespace osmia::worker
