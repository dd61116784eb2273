/// \file
/// The characters of header fields: tokens, field values, control characters (RFC 9110 sections 5.5 and 5.6).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace osmia::http_fields {

/// True at the index of every tchar (RFC 9110 section 5.6.2).
inline constexpr auto TokenCharacters = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

constexpr bool is_token_character(char c) {
    return TokenCharacters[static_cast<unsigned char>(c)];
}

/// True for one or more tchars: a method, a field name, a connection option.
bool is_token(std::string_view text);

/// The index of the first byte that no field value may hold (a control character other than HTAB; DEL), or
/// text.size(). Bytes from 0x80 are obs-text and allowed. Sixteen bytes at a time where the machine has SSE2.
std::size_t find_control(std::string_view text);

/// True when \a text may stand as a field value: no control characters, no white space at either end.
bool is_field_value(std::string_view text);

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// The text without spaces and tabs at both ends (OWS).
constexpr std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace osmia::http_fields
