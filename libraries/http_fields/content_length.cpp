#include "http_fields/content_length.h"

#include "http/ascii.h"

namespace osmia::http_fields {

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
    if (value.empty()) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : value) {
        if (!http::is_digit(c)) return std::nullopt;
        if (__builtin_mul_overflow(number, std::uint64_t{10}, &number)) return std::nullopt;
        if (__builtin_add_overflow(number, static_cast<std::uint64_t>(c - '0'), &number)) return std::nullopt;
    }
    return number;
}

}  // namespace osmia::http_fields
