#include <cstdarg>
#include <string>

#include <gtest/gtest.h>
#include <osmia_win32/crt.h>
#include <osmia_win32/stdio_names.h>
#include <osmia_win32/wide_crt.h>
#include <windows.h>

namespace {

// Formats are given at run time here, for the compiler would check them by glibc's rules.
std::string formatted(const char* format, ...) {
    char target[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsprintf_s(target, sizeof target, format, arguments);
    va_end(arguments);
    return length < 0 ? "failed" : std::string(target, static_cast<size_t>(length));
}

std::u16string wide_formatted(const char16_t* format, ...) {
    WCHAR target[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vswprintf_s(target, 512, format, arguments);
    va_end(arguments);
    return length < 0 ? u"failed" : std::u16string(target, static_cast<size_t>(length));
}

TEST(Format, TakesThirtyTwoBitsForLong) {
    EXPECT_EQ(formatted("%ld", LONG{-5}), "-5");
    EXPECT_EQ(formatted("%lu", DWORD{0xFFFFFFFF}), "4294967295");
    EXPECT_EQ(formatted("%lx|%lX|%08lX", 0xABCu, 0xABCu, 0xABCu), "abc|ABC|00000ABC");
    EXPECT_EQ(formatted("%lu", 0x7FFF00000001ull), "1");
}

// Seven integers on the stack behind the registers: each takes its own slot, whatever its size.
TEST(Format, FindsEveryArgumentBeyondTheRegisters) {
    EXPECT_EQ(formatted("%lu %d %I64d %s %lu %d %ld %u %I64u", 1u, 2, 3ll, "four", 5u, 6, -7, 8u, 9ull),
              "1 2 3 four 5 6 -7 8 9");
}

TEST(Format, KnowsEverySize) {
    EXPECT_EQ(formatted("%I64d %I64x %I32d %Iu", -1099511627776ll, 0xFFFFFFFFFFFFFFFFull, -3, size_t{4}),
              "-1099511627776 ffffffffffffffff -3 4");
    EXPECT_EQ(formatted("%lld %llu %zu %td %jd", -1ll, 2ull, size_t{3}, ptrdiff_t{-4}, intmax_t{5}),
              "-1 2 3 -4 5");
    EXPECT_EQ(formatted("%hd %hu %hhd %hhu", 0x18000, 0x1FFFF, 0x180, 0x1FF), "-32768 65535 -128 255");
}

TEST(Format, PadsAndCuts) {
    EXPECT_EQ(formatted("[%5s][%-5s][%.2s][%5.1s]", "ab", "ab", "abc", "abc"), "[   ab][ab   ][ab][    a]");
    EXPECT_EQ(formatted("[%*d][%-*d][%*d]", 4, 1, 4, 2, -4, 3), "[   1][2   ][3   ]");
    EXPECT_EQ(formatted("[%.*s][%.*s]", 2, "abc", -1, "abc"), "[ab][abc]");
    EXPECT_EQ(formatted("%+d % d %05d %#x %.3d", 1, 2, 3, 255, 4), "+1  2 00003 0xff 004");
}

TEST(Format, WritesReals) {
    EXPECT_EQ(formatted("%.2f %e %g %5.1f|%Lf", 1.005, 12345.678, 0.0001, 2.25, 1.5L),
              "1.00 1.234568e+04 0.0001   2.2|1.500000");
}

TEST(Format, ReadsNoFurtherThanThePrecision) {
    const char unterminated[2] = {'a', 'b'};
    EXPECT_EQ(formatted("%.2s", unterminated), "ab");
}

TEST(Format, ConvertsTheOtherWidth) {
    EXPECT_EQ(formatted("%S %ls %ws %C", u"w\u00E4", u"\u20AC", u"x", u'c'), "w\xC3\xA4 \xE2\x82\xAC x c");
    EXPECT_EQ(wide_formatted(u"%s %S %hs %c %d", u"wide", "n\xC3\xA4rrow", "h", u'\u00E4', -3),
              u"wide närrow h ä -3");
    EXPECT_EQ(wide_formatted(u"[%6s][%-6S]", u"ab", "cd"), u"[    ab][cd    ]");
}

TEST(Format, SurvivesNullUnknownAndUnfinishedConversions) {
    EXPECT_EQ(formatted("%s %S", nullptr, nullptr), "(null) (null)");
    EXPECT_EQ(formatted("100%% %y 5%"), "100% y 5");
    EXPECT_EQ(formatted("%p", nullptr), "0000000000000000");
    EXPECT_EQ(formatted("%p", reinterpret_cast<void*>(0xABCDEF)), "0000000000ABCDEF");
}

TEST(Format, RefusesToWriteThroughPointers) {
    int written = 42;
    EXPECT_EQ(formatted("abc%n", &written), "failed");
    EXPECT_EQ(written, 42);
}

TEST(Format, TakesFieldsUpToTheLimitAndNotBeyond) {
    EXPECT_EQ(osmia_win32_snprintf(nullptr, 0, "%1048576d", 1), 1048576);
    EXPECT_EQ(osmia_win32_snprintf(nullptr, 0, "%1048577d", 1), -1);
    EXPECT_EQ(osmia_win32_snprintf(nullptr, 0, "%*d", 1048577, 1), -1);
    EXPECT_EQ(osmia_win32_snprintf(nullptr, 0, "%.1048577d", 1), -1);
    EXPECT_EQ(osmia_win32_snprintf(nullptr, 0, "%99999999999999999999d", 1), -1);
}

TEST(SprintfS, EmptiesABufferThatIsTooSmall) {
    char target[4] = "xyz";
    EXPECT_EQ(sprintf_s(target, "%d", 123), 3);
    EXPECT_EQ(sprintf_s(target, 4, "%d", 1234), -1);
    EXPECT_STREQ(target, "");
    EXPECT_EQ(sprintf_s(nullptr, 4, "x"), -1);
    EXPECT_EQ(sprintf_s(target, 0, "x"), -1);
}

TEST(Snprintf, OfMicrosoftLeavesAFullBufferUnterminated) {
    char target[4] = {'x', 'x', 'x', 'x'};
    EXPECT_EQ(_snprintf(target, 3, "abc"), 3);
    EXPECT_EQ(std::string(target, 4), "abcx");
    EXPECT_EQ(_snprintf(target, 3, "abcd"), -1);
    EXPECT_EQ(std::string(target, 4), "abcx");
    EXPECT_EQ(_snprintf(target, 4, "ab"), 2);
    EXPECT_STREQ(target, "ab");
}

TEST(SnprintfS, CutsAtTheCount) {
    char target[8];
    EXPECT_EQ(_snprintf_s(target, sizeof target, 3, "abcd"), -1);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(_snprintf_s(target, sizeof target, _TRUNCATE, "abcdefgh"), -1);
    EXPECT_STREQ(target, "abcdefg");
    EXPECT_EQ(_snprintf_s(target, sizeof target, 5, "abc"), 3);
}

TEST(Snprintf, OfTheStandardTerminatesAndTellsTheLength) {
    char target[4];
    EXPECT_EQ(osmia_win32_snprintf(target, sizeof target, "%s", "abcdef"), 6);
    EXPECT_STREQ(target, "abc");
}

TEST(Wsprintf, CutsAtItsLimit) {
    char target[OSMIA_WSPRINTF_LIMIT + 1];
    target[OSMIA_WSPRINTF_LIMIT] = 'x';
    std::string most(OSMIA_WSPRINTF_LIMIT - 1, 'a');
    EXPECT_EQ(wsprintf(target, "%s", most.c_str()), OSMIA_WSPRINTF_LIMIT - 1);
    EXPECT_EQ(wsprintf(target, "%sb", most.c_str()), OSMIA_WSPRINTF_LIMIT - 1);
    EXPECT_EQ(target, most);
    EXPECT_EQ(target[OSMIA_WSPRINTF_LIMIT], 'x');
    WCHAR wide[OSMIA_WSPRINTF_LIMIT];
    EXPECT_EQ(wsprintfW(wide, u"%s%S", u"x", most.c_str()), OSMIA_WSPRINTF_LIMIT - 1);
}

TEST(Sscanf, WritesThirtyTwoBitsForLong) {
    LONG values[3] = {0, -1, -1};
    ULONGLONG big = 0;
    double real = 0;
    char word[8], set[8];
    EXPECT_EQ(osmia_win32_sscanf("-12 1099511627776 2.5 word ]ab", "%ld %I64u %lf %7s %7[]ab]", &values[0],
                                 &big, &real, word, set),
              5);
    EXPECT_EQ(values[0], -12);
    EXPECT_EQ(values[1], -1);
    EXPECT_EQ(big, 1099511627776u);
    EXPECT_EQ(real, 2.5);
    EXPECT_STREQ(word, "word");
    EXPECT_STREQ(set, "]ab");
}

TEST(Sscanf, RefusesWideTargets) {
    WCHAR wide[8];
    for (const char* format : {"%ls", "%S", "%l[a]", "%C"}) {
        errno = 0;
        EXPECT_EQ(osmia_win32_sscanf("abc", format, wide), EOF) << format;
        EXPECT_EQ(errno, EINVAL);
    }
}

}  // namespace
