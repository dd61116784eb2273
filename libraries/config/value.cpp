#include "config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "config/nearest_name.h"
#include "config/url_mapping.h"

namespace osmia::config {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t day = 24 * 60 * 60 * second;

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> parse_digits(std::string_view text, int base = 10) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Digits only, so that "-1" and "+1" inside a time span are refused.
std::optional<std::int64_t> parse_field(std::string_view text, std::size_t max_digits) {
    if (text.size() > max_digits || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return parse_digits(text);
}

std::vector<std::string> names_of(const AttributeSchema& attribute) {
    std::vector<std::string> names;
    for (const NamedNumber& entry : attribute.names) names.push_back(entry.name);
    return names;
}

Error unknown_name(const AttributeSchema& attribute, std::string_view text) {
    const std::vector<std::string> names = names_of(attribute);
    const std::string_view nearest = nearest_name(text, names);
    if (!nearest.empty()) {
        return make_error(ErrorKind::Invalid, "'{}' is not a value of '{}'; did you mean '{}'?", text, attribute.name,
                          nearest);
    }
    return make_error(ErrorKind::Invalid, "'{}' is not a value of '{}'; give {} of: {}", text, attribute.name,
                      attribute.type == ValueType::Flags ? "any" : "one", fmt::join(names, ", "));
}

Result<std::int64_t> parse_name(const AttributeSchema& attribute, std::string_view text) {
    for (const NamedNumber& entry : attribute.names) {
        if (equals_ignoring_case(entry.name, text)) return entry.number;
    }
    return unknown_name(attribute, text);
}

Result<std::int64_t> parse_flags(const AttributeSchema& attribute, std::string_view text) {
    std::int64_t bits = 0;
    while (!trim(text).empty()) {
        const std::size_t comma = text.find(',');
        bits |= OSMIA_TRY(parse_name(attribute, trim(text.substr(0, comma))));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return bits;
}

Result<std::int64_t> parse_bool(const AttributeSchema& attribute, std::string_view text) {
    if (equals_ignoring_case(text, "true")) return 1;
    if (equals_ignoring_case(text, "false")) return 0;
    return make_error(ErrorKind::Invalid, "'{}' is not a value of '{}'; give true or false", text, attribute.name);
}

/// Seconds with as many fraction digits as needed.
std::string seconds_text(std::int64_t milliseconds) {
    if (milliseconds % second == 0) return fmt::format("{}", milliseconds / second);
    return fmt::format("{}", static_cast<double>(milliseconds) / static_cast<double>(second));
}

std::string time_text(std::int64_t milliseconds) {
    if (milliseconds == infinite_time) return "Infinite";
    const std::int64_t seconds = milliseconds / second;
    const std::string days = milliseconds >= day ? fmt::format("{}.", milliseconds / day) : std::string();
    const std::string fraction =
        milliseconds % second == 0 ? std::string() : fmt::format(".{:03}", milliseconds % second);
    return fmt::format("{}{:02}:{:02}:{:02}{}", days, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, fraction);
}

std::string bound_text(const AttributeSchema& attribute, std::int64_t number) {
    return attribute.type == ValueType::TimeSpan ? time_text(number) : fmt::format("{}", number);
}

Result<Value> check_range(const AttributeSchema& attribute, std::string_view text, std::int64_t number) {
    const bool inside = number >= attribute.minimum && number <= attribute.maximum;
    if (attribute.excluded_range && inside) {
        return make_error(ErrorKind::Invalid, "'{}' is not allowed for '{}': values from {} to {} are reserved", text,
                          attribute.name, attribute.minimum, attribute.maximum);
    }
    if (!attribute.excluded_range && !inside) {
        return make_error(ErrorKind::Invalid, "'{}' is out of range for '{}'; give a value from {} to {}", text,
                          attribute.name, bound_text(attribute, attribute.minimum),
                          bound_text(attribute, attribute.maximum));
    }
    if (attribute.step != 0 && number % attribute.step != 0) {
        return make_error(ErrorKind::Invalid, "'{}' is too fine for '{}'; give a multiple of {} seconds", text,
                          attribute.name, seconds_text(attribute.step));
    }
    return Value{number, {}};
}

Result<Value> parse_number(const AttributeSchema& attribute, std::string_view text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    const auto number = hexadecimal ? parse_digits(text.substr(2), 16) : parse_digits(text);
    if (!number) {
        const char* words = attribute.type == ValueType::UInt ? "a whole number from 0" : "a whole number";
        return make_error(ErrorKind::Invalid, "'{}' is not a value of '{}'; give {}", text, attribute.name, words);
    }
    constexpr std::int64_t uint_maximum = 0xffffffff;
    if (attribute.type == ValueType::UInt && (*number < 0 || *number > uint_maximum)) {
        return make_error(ErrorKind::Invalid, "'{}' is out of range for '{}'; give a value from 0 to {}", text,
                          attribute.name, uint_maximum);
    }
    return check_range(attribute, text, *number);
}

Result<Value> parse_time(const AttributeSchema& attribute, std::string_view text) {
    if (attribute.infinite && equals_ignoring_case(text, "Infinite")) return Value{infinite_time, {}};
    const auto time = parse_time_span(text);
    if (!time.ok()) {
        return make_error(ErrorKind::Invalid, "'{}' is not a value of '{}'; give a time as [days.]hours:minutes:seconds",
                          text, attribute.name);
    }
    return check_range(attribute, text, time.value());
}

/// What is wrong with a text under a rule, or null.
const char* broken_rule(TextRule rule, std::string_view text) {
    const auto has_any = [&](const char* bytes) { return text.find_first_of(bytes) != std::string_view::npos; };
    switch (rule) {
        case TextRule::None:
            return nullptr;
        case TextRule::NotEmpty:
            return text.empty() ? "must not be empty" : nullptr;
        case TextRule::PoolName:
            if (text.size() > 64) return "must not be longer than 64 characters";
            return has_any("|<>&\"\\/") ? "must not contain any of | < > & \" \\ /" : nullptr;
        case TextRule::SiteName:
            if (text.empty()) return "must not be empty";
            return has_any("\\/?;:@&=+$,|\"<>*") ? "must not contain any of \\ / ? ; : @ & = + $ , | \" < > *" : nullptr;
        case TextRule::ApplicationPath:
        case TextRule::VirtualDirectoryPath:
            if (!text.starts_with('/')) return "must start with '/'";
            if (text.size() > 1 && text.ends_with('/')) return "must not end with '/'";
            if (text.find("//") != std::string_view::npos) return "must not contain '//'";
            return has_any("\\?;:@&=+$,|\"<>*") ? "must not contain any of \\ ? ; : @ & = + $ , | \" < > *" : nullptr;
    }
    return nullptr;
}

}  // namespace

Result<std::int64_t> parse_time_span(std::string_view text) {
    const Error wrong = make_error(ErrorKind::Invalid, "'{}' is not a time as [days.]hours:minutes:seconds", text);
    const std::size_t first = text.find(':');
    const std::size_t last = text.rfind(':');
    if (first == std::string_view::npos || first == last) return wrong;
    std::string_view hours = text.substr(0, first);
    std::string_view seconds = text.substr(last + 1);
    const auto minutes = parse_field(text.substr(first + 1, last - first - 1), 2);
    std::optional<std::int64_t> days = 0;
    const std::size_t dot = hours.find('.');
    if (dot != std::string_view::npos) {
        days = parse_field(hours.substr(0, dot), 8);
        hours.remove_prefix(dot + 1);
    }
    std::optional<std::int64_t> fraction = 0;
    const std::size_t point = seconds.find('.');
    if (point != std::string_view::npos) {
        std::string digits(seconds.substr(point + 1));
        if (digits.empty() || digits.size() > 7) return wrong;
        digits.resize(7, '0');
        fraction = parse_field(digits, 7);
        seconds = seconds.substr(0, point);
    }
    const auto hour = parse_field(hours, 8);
    const auto whole_seconds = parse_field(seconds, 2);
    if (!days || !hour || !minutes || !whole_seconds || !fraction) return wrong;
    if (*minutes > 59 || *whole_seconds > 59 || (dot != std::string_view::npos && *hour > 23)) return wrong;
    return *days * day + ((*hour * 60 + *minutes) * 60 + *whole_seconds) * second + *fraction / 10000;
}

Result<Value> parse_value(const AttributeSchema& attribute, std::string_view text) {
    switch (attribute.type) {
        case ValueType::Bool:
            return Value{OSMIA_TRY(parse_bool(attribute, trim(text))), {}};
        case ValueType::Enum:
            return Value{OSMIA_TRY(parse_name(attribute, trim(text))), {}};
        case ValueType::Flags:
            return Value{OSMIA_TRY(parse_flags(attribute, text)), {}};
        case ValueType::UInt:
        case ValueType::Int:
        case ValueType::Int64:
            return parse_number(attribute, trim(text));
        case ValueType::TimeSpan:
            return parse_time(attribute, trim(text));
        case ValueType::String:
            break;
    }
    const char* broken = broken_rule(attribute.rule, text);
    if (broken != nullptr) return make_error(ErrorKind::Invalid, "'{}' {}", attribute.name, broken);
    return Value{0, std::string(text)};
}

std::string format_value(const AttributeSchema& attribute, const Value& value) {
    switch (attribute.type) {
        case ValueType::String:
            return value.text;
        case ValueType::Bool:
            return value.number != 0 ? "true" : "false";
        case ValueType::TimeSpan:
            return time_text(value.number);
        case ValueType::UInt:
        case ValueType::Int:
        case ValueType::Int64:
            return fmt::format("{}", value.number);
        case ValueType::Enum:
        case ValueType::Flags:
            break;
    }
    std::vector<std::string> names;
    for (const NamedNumber& entry : attribute.names) {
        const bool flag = attribute.type == ValueType::Flags && entry.number != 0 && (value.number & entry.number) != 0;
        if (flag || entry.number == value.number) names.push_back(entry.name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace osmia::config
