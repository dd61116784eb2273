/// \file
/// HTTP dates in IMF-fixdate form: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace osmia::http {

inline constexpr std::size_t DateLength = 29;
inline constexpr std::int64_t MaxDateSecond =
    253402300799;  ///< 9999-12-31T23:59:59Z: the last four-digit year

/// Writes the date of \a unix_seconds; times outside 1970 to 9999 are clamped.
void format_date(std::int64_t unix_seconds, std::span<char, DateLength> out);

/// Reads an IMF-fixdate. The obsolete RFC 850 and asctime forms are not accepted: nothing has sent them for
/// decades, and a date that cannot be read only means an unconditional answer.
std::optional<std::int64_t> parse_date(std::string_view text);

/// The Date field's text, formatted anew only when the second changes. The caller brings the time, so there
/// is no clock and no lock in here: one object per thread.
class DateCache {
public:
    /// The text for \a unix_seconds; valid until the next call.
    std::string_view at(std::int64_t unix_seconds);

private:
    std::int64_t second_ = -1;
    std::array<char, DateLength> text_{};
};

}  // namespace osmia::http
