#include "static_file/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace static_file {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

ByteRange part(std::uint64_t first, std::uint64_t length, std::uint64_t size) {
    ByteRange range;
    range.kind = first < size && length > 0 ? ByteRange::Kind::Part : ByteRange::Kind::Unsatisfiable;
    range.first = first;
    range.length = range.kind == ByteRange::Kind::Part ? std::min(length, size - first) : 0;
    return range;
}

}  // namespace

ByteRange parse_range(std::string_view header, std::uint64_t file_size) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit) || header.find(',') != std::string_view::npos) return {};
    const std::string_view spec = trim(header.substr(unit.size()));
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) return {};
    const auto first = number(spec.substr(0, dash));
    const auto last = number(spec.substr(dash + 1));
    if (dash == 0) {
        if (!last) return {};
        const std::uint64_t length = std::min(*last, file_size);
        return part(file_size - length, length, file_size);
    }
    if (!first) return {};
    if (dash + 1 == spec.size()) return part(*first, ~std::uint64_t{0}, file_size);
    if (!last || *last < *first) return {};
    const std::uint64_t length = *last - *first == ~std::uint64_t{0} ? *last - *first : *last - *first + 1;
    return part(*first, length, file_size);
}

}  // namespace static_file
