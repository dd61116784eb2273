/// \file
/// Comma-separated field values (RFC 9110 section 5.6.1).
#pragma once

#include <optional>
#include <string_view>

namespace osmia::http_fields {

/// Iterates over the elements of a list value, trimmed; empty elements are skipped, as the RFC asks of a
/// recipient. Meant for lists of tokens (Connection, TE, Trailer): commas inside quoted strings are not
/// understood.
///
///     for (ListReader list(value); auto element = list.next();) use(*element);
class ListReader {
public:
    explicit ListReader(std::string_view value) : rest_(value) {}

    /// The next element, or nothing at the end. Views into the value.
    std::optional<std::string_view> next();

private:
    std::string_view rest_;
};

/// True when the list holds the token, in any letter case.
bool list_contains(std::string_view value, std::string_view token);

}  // namespace osmia::http_fields
