/// \file
/// Status codes and their reason phrases (RFC 9110 section 15, IANA's registry).
#pragma once

#include <string_view>

namespace osmia::http {

inline constexpr unsigned MinStatus = 100;
inline constexpr unsigned MaxStatus = 999;  ///< three digits; classes above 5 are passed on as they are

/// The registered reason phrase, or a word for the class ("Client Error") when the code is not registered.
std::string_view reason_phrase(unsigned status);

/// True for the statuses whose responses never have content: 1xx, 204 and 304 (RFC 9110 section 6.4.1).
constexpr bool has_no_content(unsigned status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace osmia::http
