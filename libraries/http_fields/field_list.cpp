#include "http_fields/field_list.h"

#include <algorithm>

#include "http/ascii.h"
#include "http_fields/field_syntax.h"

namespace osmia::http_fields {

std::optional<std::string_view> ListReader::next() {
    while (!rest_.empty()) {
        const std::size_t comma = std::min(rest_.find(','), rest_.size());
        const std::string_view element = trim_blanks(rest_.substr(0, comma));
        rest_.remove_prefix(std::min(comma + 1, rest_.size()));
        if (!element.empty()) return element;
    }
    return std::nullopt;
}

bool list_contains(std::string_view value, std::string_view token) {
    for (ListReader list(value); const auto element = list.next();) {
        if (http::iequals(*element, token)) return true;
    }
    return false;
}

}  // namespace osmia::http_fields
