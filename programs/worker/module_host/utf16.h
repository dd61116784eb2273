/// \file
/// UTF-8 inside, UTF-16 at the border to modules.
#pragma once

#include <string>
#include <string_view>

namespace osmia::worker {

/// Ill-formed input becomes U+FFFD, one for each byte or unit that cannot be read.
std::u16string to_utf16(std::string_view text);
std::string to_utf8(std::u16string_view text);

}  // namespace osmia::worker
