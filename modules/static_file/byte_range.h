/// \file
/// The Range header for a single range of bytes (RFC 9110 section 14).
#pragma once

#include <cstdint>
#include <string_view>

namespace static_file {

/// What a Range header asks of a file. Several ranges, other units and bad syntax mean the whole file.
struct ByteRange {
    enum class Kind { Whole, Part, Unsatisfiable } kind = Kind::Whole;
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

ByteRange parse_range(std::string_view header, std::uint64_t file_size);

}  // namespace static_file
