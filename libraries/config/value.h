/// \file
/// Attribute values: from text to typed value, and what to say when the text is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/schema.h"

namespace osmia::config {

/// Parses and checks \a text as a value of \a attribute (type, names, range, rule). The error says what would be right.
/// Text is not expanded here.
Result<Value> parse_value(const AttributeSchema& attribute, std::string_view text);

/// `[d.]hh:mm:ss[.fff]` in milliseconds. Without days, hours may exceed 23 ("29:00:00" is 29 hours).
Result<std::int64_t> parse_time_span(std::string_view text);

/// The text form of a value, as it would stand in a file.
std::string format_value(const AttributeSchema& attribute, const Value& value);

}  // namespace osmia::config
