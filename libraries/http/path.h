/// \file
/// normalize_path: from the path a client sent to the ONE path everything after the listener works with.
///
/// Routing, authorisation, handler mapping and the file system see only the result; the raw target travels
/// beside it for UNENCODED_URL and the like and decides nothing. In this order, each step once:
///
///  1. Percent-decoding of every %XX, "%2F" and "%5C" included, as http.sys does. A "%" without two
///  hexadecimal digits
///     is refused; so is "%uXXXX", which http.sys accepts by default (PercentUAllowed): it is no URI syntax
///     and every intermediary reads it differently.
///  2. Every backslash, sent as such or as %5C, becomes a slash, as in http.sys: code written for Windows
///  treats both
///     as separators, so letting one through would give the path two readings.
///  3. NUL, the other control characters (U+0000 to U+001F, U+007F to U+009F) and anything that is not
///  well-formed UTF-8
///     (overlong forms, surrogates, beyond U+10FFFF) are refused. http.sys falls back to a code page there;
///     we do not.
///  4. Runs of slashes become one.
///  5. "." and ".." segments are resolved (RFC 3986 section 5.2.4), after decoding, so "%2e%2e" is no way
///  around. A ".."
///     above the root is refused, where RFC 3986 would ignore it.
///
/// Decoding happens once: "%252e" is the four characters "%2e" and stays so. Nothing is lower-cased and no
/// Unicode normalisation is done: both are the file system's or the router's business. The result starts with
/// "/", keeps a trailing slash ("/a/." and "/a/b/.." keep one, too) and is never longer than the input.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "http/limits.h"

namespace osmia::http {

/// Why a path was refused. Every one of them is answered with 400 and the reason URL.
enum class PathError : std::uint8_t {
    None,
    NotAbsolute,       ///< empty, or does not begin with a slash
    BadEscape,         ///< "%" without two hexadecimal digits, "%u"
    ControlCharacter,  ///< sent raw or encoded
    BadUtf8,
    AboveRoot,
    TooManySegments,
    SegmentTooLong,
};

/// What became of a path: the bytes written, or the reason.
struct PathResult {
    PathError error = PathError::None;
    std::size_t size = 0;  ///< bytes written to the caller's buffer; 0 after an error

    bool ok() const { return error == PathError::None; }
};

/// Normalises \a raw (a path without its query) into \a out, which must hold at least raw.size() bytes and
/// not overlap it. Linear time, no allocation. After an error the buffer's contents are undefined.
PathResult normalize_path(std::string_view raw, std::span<char> out, const PathLimits& limits = {});

}  // namespace osmia::http
