#include "http_fields/field_syntax.h"

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace osmia::http_fields {

namespace {

constexpr bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

#if defined(__SSE2__)
/// A bit for each of 16 bytes that is a control character.
unsigned control_mask(const char* bytes) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    // Unsigned "below 0x20": the minimum with 0x1f is the byte itself.
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    const __m128i tab = _mm_cmpeq_epi8(block, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
}
#endif

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

std::size_t find_control(std::string_view text) {
    std::size_t i = 0;
#if defined(__SSE2__)
    for (; i + 16 <= text.size(); i += 16) {
        const unsigned mask = control_mask(text.data() + i);
        if (mask != 0) return i + static_cast<std::size_t>(std::countr_zero(mask));
    }
    if (text.size() >= 16) {  // the rest as the end of a whole block; its clean front is looked at twice
        const std::size_t last = text.size() - 16;
        const unsigned mask = control_mask(text.data() + last);
        return mask != 0 ? last + static_cast<std::size_t>(std::countr_zero(mask)) : text.size();
    }
#endif
    for (; i < text.size(); ++i) {
        if (is_control(text[i])) return i;
    }
    return text.size();
}

bool is_field_value(std::string_view text) {
    return find_control(text) == text.size() && trim_blanks(text).size() == text.size();
}

}  // namespace osmia::http_fields
