/// \file
/// The small complete responses that the listener makes itself: refusals, 503, 502, 408.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "http/error_reason.h"

namespace osmia::http1 {

/// One answer. Views are borrowed for the call; request_id must be hexadecimal digits and hyphens (anything
/// else is left out).
struct ErrorAnswer {
    unsigned status = 400;
    http::ErrorReason reason = http::ErrorReason::None;  ///< chooses the sentence in the page
    bool keep_alive = false;                             ///< otherwise "Connection: close"
    bool head_only = false;            ///< the request was HEAD: Content-Length, but no content
    unsigned retry_after = 0;          ///< seconds; 0: no Retry-After
    std::string_view date = {};        ///< http::DateCache::at()
    std::string_view server = {};      ///< empty: no Server field
    std::string_view request_id = {};  ///< shown in the page; may be empty
    std::string_view crash_report = {};  ///< the same rules; for local clients
};

/// A buffer of this size takes every error answer.
inline constexpr std::size_t MaxErrorAnswer = 2048;

/// RFC 9110 section 15.5.6: a 405 names what is allowed. The listener refuses CONNECT alone by method.
inline constexpr std::string_view AllowedMethods = "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH";

/// Writes the page alone and returns its length: for HTTP/2, whose heads are no text.
std::size_t encode_error_page(std::span<char, MaxErrorAnswer> out, const ErrorAnswer& answer);

/// Writes the whole response, head and page, and returns its length. A 405 names the methods allowed.
std::size_t encode_error_answer(std::span<char, MaxErrorAnswer> out, const ErrorAnswer& answer);

}  // namespace osmia::http1
