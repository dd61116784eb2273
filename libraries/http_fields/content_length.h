/// \file
/// The value of Content-Length (RFC 9110 section 8.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace osmia::http_fields {

/// The number, or nothing for anything but decimal digits (no sign, no list, no blanks) or a value beyond 64
/// bits.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

}  // namespace osmia::http_fields
