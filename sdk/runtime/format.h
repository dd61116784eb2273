/// \file
/// printf with Windows' meaning: `l` is 32 bits, `I64` and `ll` are 64, `%s` has the width of the format,
/// `%S` the other one.
#pragma once

#include <cstdarg>
#include <optional>
#include <string>

namespace osmia::win32 {

/// Widths and precisions up to this are honoured; a larger one makes the format invalid.
inline constexpr int kFieldLimit = 1 << 20;

/// The formatted text. Empty optional when the format is invalid: `%n`, or a field beyond kFieldLimit.
/// Text of the other width is converted between UTF-8 and UTF-16.
std::optional<std::string> format_narrow(const char* format, va_list arguments);
std::optional<std::u16string> format_wide(const char16_t* format, va_list arguments);

}  // namespace osmia::win32
