#include "http/date.h"

#include <algorithm>
#include <cstring>

#include "http/ascii.h"

namespace osmia::http {

namespace {

constexpr std::string_view Days = "SunMonTueWedThuFriSat";
constexpr std::string_view Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::int64_t SecondsPerDay = 86400;

struct CivilDate {
    std::int64_t year;
    unsigned month;  // 1..12
    unsigned day;    // 1..31
};

// Days since 1970-01-01 to and from a Gregorian date, by eras of 400 years that begin on 1 March.
constexpr CivilDate civil_from_days(std::int64_t days) {
    days += 719468;
    const std::int64_t era = days / 146097;
    const auto day_of_era = static_cast<unsigned>(days - era * 146097);
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned shifted = (5 * day_of_year + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted + 2) / 5 + 1};
}

constexpr std::int64_t days_from_civil(CivilDate date) {
    const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = year / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned shifted = date.month > 2 ? date.month - 3 : date.month + 9;
    const unsigned day_of_year = (153 * shifted + 2) / 5 + date.day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

void put_digits(char* out, std::int64_t value, int count) {
    for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// The number in text[at, at + count), or -1.
int read_digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

}  // namespace

void format_date(std::int64_t unix_seconds, std::span<char, DateLength> out) {
    const std::int64_t seconds = std::clamp<std::int64_t>(unix_seconds, 0, MaxDateSecond);
    const std::int64_t days = seconds / SecondsPerDay;
    const std::int64_t rest = seconds % SecondsPerDay;
    const CivilDate date = civil_from_days(days);
    std::memcpy(out.data(), "Ddd, 00 Mmm 0000 00:00:00 GMT", DateLength);
    std::memcpy(out.data(), Days.data() + ((days + 4) % 7) * 3, 3);
    put_digits(out.data() + 5, date.day, 2);
    std::memcpy(out.data() + 8, Months.data() + (date.month - 1) * 3, 3);
    put_digits(out.data() + 12, date.year, 4);
    put_digits(out.data() + 17, rest / 3600, 2);
    put_digits(out.data() + 20, rest / 60 % 60, 2);
    put_digits(out.data() + 23, rest % 60, 2);
}

std::optional<std::int64_t> parse_date(std::string_view text) {
    if (text.size() != DateLength) return std::nullopt;
    const std::size_t month = Months.find(text.substr(8, 3));
    const int day = read_digits(text, 5, 2), year = read_digits(text, 12, 4);
    const int hour = read_digits(text, 17, 2), minute = read_digits(text, 20, 2),
              second = read_digits(text, 23, 2);
    if (month == std::string_view::npos || month % 3 != 0 || day < 1 || day > 31 || year < 1970 || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        return std::nullopt;
    }
    const std::int64_t days =
        days_from_civil({year, static_cast<unsigned>(month / 3 + 1), static_cast<unsigned>(day)});
    const std::int64_t seconds = days * SecondsPerDay + hour * 3600 + minute * 60 + second;
    // One form, one meaning: whatever does not come out again byte for byte (wrong weekday, 31 February) is
    // refused.
    std::array<char, DateLength> again;
    format_date(seconds, again);
    if (std::string_view(again.data(), again.size()) != text) return std::nullopt;
    return seconds;
}

std::string_view DateCache::at(std::int64_t unix_seconds) {
    if (unix_seconds != second_) {
        format_date(unix_seconds, text_);
        second_ = unix_seconds;
    }
    return {text_.data(), text_.size()};
}

}  // namespace osmia::http
