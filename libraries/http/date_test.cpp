#include "http/date.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace osmia::http {
namespace {

std::string format(std::int64_t seconds) {
    std::array<char, DateLength> out;
    format_date(seconds, out);
    return {out.data(), out.size()};
}

TEST(FormatDate, WritesTheExampleOfTheRfc) {
    EXPECT_EQ("Sun, 06 Nov 1994 08:49:37 GMT", format(784111777));
}

TEST(FormatDate, ClampsWhatHasNoFourDigitYear) {
    EXPECT_EQ("Thu, 01 Jan 1970 00:00:00 GMT", format(0));
    EXPECT_EQ("Thu, 01 Jan 1970 00:00:00 GMT", format(-1));
    EXPECT_EQ("Fri, 31 Dec 9999 23:59:59 GMT", format(MaxDateSecond));
    EXPECT_EQ("Fri, 31 Dec 9999 23:59:59 GMT", format(MaxDateSecond + 1));
}

TEST(FormatDate, AgreesWithTheCLibraryOverFourCenturies) {
    for (std::int64_t second = 0; second < 13'000'000'000; second += 86400 * 3 + 3671) {
        const std::time_t time = second;
        std::tm parts;
        char want[64];
        std::strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&time, &parts));
        ASSERT_EQ(want, format(second));
    }
}

TEST(ParseDate, ReadsBackWhatWasWritten) {
    for (std::int64_t second = 0; second < 13'000'000'000; second += 86400 * 11 + 3671) {
        ASSERT_EQ(second, parse_date(format(second)));
    }
}

TEST(ParseDate, RefusesOtherFormsAndImpossibleDates) {
    for (const std::string_view text :
         {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Mon, 06 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
          "Sun, 06 ovD 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 19x4 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT "}) {
        EXPECT_FALSE(parse_date(text)) << text;
    }
}

TEST(DateCache, FollowsTheTimeItIsGiven) {
    DateCache cache;
    EXPECT_EQ(format(100), cache.at(100));
    EXPECT_EQ(format(100), cache.at(100));
    EXPECT_EQ(format(101), cache.at(101));
    EXPECT_EQ(format(99), cache.at(99)) << "a clock set back";
}

}  // namespace
}  // namespace osmia::http
