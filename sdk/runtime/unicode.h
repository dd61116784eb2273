/// \file
/// UTF-8 and UTF-16. Pure functions; invalid input becomes U+FFFD, one per maximal wrong part (Unicode 15,
/// section 3.9).
#pragma once

#include <windows.h>

#include <string>
#include <string_view>

namespace osmia::win32 {

/// Whether a conversion met input that is not valid, and replaced it.
enum class Validity { Valid, Replaced };

std::u16string utf16(std::string_view text, Validity* validity = nullptr);
std::string utf8(std::u16string_view text, Validity* validity = nullptr);

}  // namespace osmia::win32
