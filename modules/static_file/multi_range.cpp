#include "static_file/multi_range.h"

#include <algorithm>

namespace static_file {

std::optional<std::vector<ByteRange>> parse_ranges(std::string_view header, std::uint64_t file_size) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return std::nullopt;
    std::vector<ByteRange> parts;
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    for (std::string_view rest = header.substr(unit.size()); !rest.empty();) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        if (item.find_first_not_of(" \t") == item.npos) continue;  // RFC 9110 section 5.6.1: empty elements
        if (++count > MaxRanges) return std::nullopt;
        const ByteRange part = parse_range(std::string(unit) + std::string(item), file_size);
        if (part.kind == ByteRange::Kind::Whole) return std::nullopt;
        if (part.kind == ByteRange::Kind::Unsatisfiable) continue;
        bytes += part.length;
        parts.push_back(part);
    }
    if (count == 0) return std::nullopt;
    // Overlapping ranges would make a small request cost many times the file (RFC 9110 section 17.15).
    if (parts.size() > 1 && bytes > file_size * 2) return std::nullopt;
    return parts;
}

std::string content_range(const ByteRange& part, std::uint64_t file_size) {
    return "bytes " + std::to_string(part.first) + "-" + std::to_string(part.first + part.length - 1) + "/" + std::to_string(file_size);
}

std::string Multipart::before(const ByteRange& part) const {
    return "\r\n--" + boundary_ + "\r\nContent-Type: " + type_ + "\r\nContent-Range: " + content_range(part, file_size_) + "\r\n\r\n";
}

}  // namespace static_file
