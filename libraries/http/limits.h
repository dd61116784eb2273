/// \file
/// Limits on what a client may send, with their names and defaults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace osmia::http {

/// The most header fields a request may have, and the capacity of the parser's table.
inline constexpr std::size_t MaxFieldCount = 100;

/// The longest field name HeadLimits::field_name_bytes may allow.
inline constexpr std::uint32_t MaxFieldNameBytes = 65535;

/// The head of a request: request line and header section. http.sys counts both in one MaxRequestBytes; here
/// each has its own.
struct HeadLimits {
    std::uint32_t request_line_bytes = 16384;  ///< without its CRLF; beyond: 414
    std::uint32_t method_bytes = 32;           ///< beyond: 501
    std::uint32_t field_section_bytes =
        16384;                          ///< all field lines and the empty line, with their CRLFs; beyond: 431
    std::uint32_t field_bytes = 16384;  ///< one field line without its CRLF; beyond: 431
    std::uint32_t field_name_bytes = 256;       ///< beyond: 431
    std::uint32_t field_count = MaxFieldCount;  ///< at most MaxFieldCount; beyond: 431
    /// Content-Length; beyond: 413. The default keeps every later sum of lengths inside a signed 64-bit
    /// integer.
    std::uint64_t content_bytes = std::numeric_limits<std::int64_t>::max() / 2;
};

/// Paths, as http.sys has them (UrlSegmentMaxCount, UrlSegmentMaxLength); beyond: 400.
struct PathLimits {
    std::uint32_t segments = 255;
    std::uint32_t segment_characters = 260;  ///< Unicode code points, after decoding
};

/// The chunked transfer coding around the content itself.
struct ChunkLimits {
    std::uint32_t line_bytes = 1024;        ///< one chunk line: size, extensions; without its line end
    std::uint32_t extension_bytes = 16384;  ///< chunk extensions of the whole body together
    std::uint32_t trailer_bytes = 8192;     ///< the trailer section, line ends included
    std::uint32_t trailer_count = 32;       ///< fields in it
};

}  // namespace osmia::http
