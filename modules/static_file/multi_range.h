/// \file
/// A Range header with several ranges, and the body that answers it (RFC 9110 sections 14.2 and 14.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "static_file/byte_range.h"

namespace static_file {

/// A header with more ranges than this gets the whole file.
inline constexpr std::size_t MaxRanges = 32;

/// What a Range header asks of a file: its satisfiable parts. No value: the header counts for nothing (bad syntax, too many
/// ranges, or together more than twice the file). Empty: none can be satisfied, which is 416.
std::optional<std::vector<ByteRange>> parse_ranges(std::string_view header, std::uint64_t file_size);

/// The texts of a multipart/byteranges body: one before each part, one behind the last.
class Multipart {
public:
    Multipart(std::string boundary, std::string_view type, std::uint64_t file_size)
        : boundary_(std::move(boundary)), type_(type), file_size_(file_size) {}

    std::string content_type() const { return "multipart/byteranges; boundary=" + boundary_; }
    std::string before(const ByteRange& part) const;
    std::string end() const { return "\r\n--" + boundary_ + "--\r\n"; }

private:
    std::string boundary_, type_;
    std::uint64_t file_size_;
};

/// "bytes 0-4/10".
std::string content_range(const ByteRange& part, std::uint64_t file_size);

}  // namespace static_file
