/// \file
/// Turns the bytes of a configuration file into UTF-8, and back.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace osmia::config {

/// UTF-8 (with or without a byte order mark, which is taken off) is passed on unchecked: the XML parser checks it.
/// UTF-16 in either byte order, told by its byte order mark or by `<` as first character, is transcoded; a lone
/// surrogate or an odd number of bytes is an error.
Result<std::string> to_utf8(std::string bytes);

/// The other way, with a byte order mark. \a text is valid UTF-8.
std::string to_utf16(std::string_view text, bool big_endian);

}  // namespace osmia::config
