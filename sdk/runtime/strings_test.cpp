#include <string>

#include <gtest/gtest.h>
#include <osmia_win32/crt.h>
#include <windows.h>

namespace {

TEST(Lstr, SurvivesNull) {
    char target[8] = "x";
    EXPECT_EQ(lstrlen(nullptr), 0);
    EXPECT_EQ(lstrcpy(target, nullptr), nullptr);
    EXPECT_EQ(lstrcat(nullptr, "x"), nullptr);
    EXPECT_LT(lstrcmp(nullptr, ""), 0);
    EXPECT_GT(lstrcmp("", nullptr), 0);
    EXPECT_EQ(lstrcmpi(nullptr, nullptr), 0);
}

TEST(Lstr, CopiesAndCompares) {
    char target[16];
    EXPECT_STREQ(lstrcpy(target, "abc"), "abc");
    EXPECT_STREQ(lstrcat(target, "def"), "abcdef");
    EXPECT_STREQ(lstrcpyn(target, "abcdef", 4), "abc");
    EXPECT_EQ(lstrcmpi("HELLO", "hello"), 0);
    EXPECT_LT(lstrcmp("a", "b"), 0);
    EXPECT_LT(lstrcmpi("a\x7F", "a\x80"), 0);
    WCHAR wide[16];
    EXPECT_EQ(std::u16string(lstrcpyW(wide, u"wide")), u"wide");
    EXPECT_EQ(lstrlenW(wide), 4);
    EXPECT_EQ(lstrcmpiW(wide, u"WIDE"), 0);
}

TEST(MultiByteToWideChar, ConvertsAndTellsTheSize) {
    WCHAR wide[8] = {};
    EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "a\xC3\xA4\xF0\x9F\x98\x80", -1, nullptr, 0), 5);
    EXPECT_EQ(MultiByteToWideChar(CP_ACP, 0, "a\xC3\xA4\xF0\x9F\x98\x80", -1, wide, 5), 5);
    EXPECT_EQ(std::u16string(wide), u"aä😀");
    EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "abc", 2, wide, 8), 2);
}

TEST(MultiByteToWideChar, RefusesShortBuffersAndOtherCodePages) {
    WCHAR wide[2];
    EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide, 2), 0);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INSUFFICIENT_BUFFER});
    EXPECT_EQ(MultiByteToWideChar(1252, 0, "abc", -1, wide, 2), 0);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
    EXPECT_EQ(MultiByteToWideChar(CP_UTF8, 0, "abc", 0, wide, 2), 0);
    EXPECT_EQ(GetLastError(), DWORD{ERROR_INVALID_PARAMETER});
}

struct Invalid {
    const char* bytes;
    const char16_t* replaced;
};

TEST(MultiByteToWideChar, ReplacesWhatIsNotUtf8OrRefusesIt) {
    constexpr Invalid kCases[] = {
        {"\x80", u"\uFFFD"},                                // a continuation alone
        {"\xC0\xAF", u"\uFFFD\uFFFD"},                      // overlong slash
        {"\xE0\x80\xAF", u"\uFFFD\uFFFD\uFFFD"},            // overlong, three bytes
        {"\xED\xA0\x80", u"\uFFFD\uFFFD\uFFFD"},            // a surrogate
        {"\xF4\x90\x80\x80", u"\uFFFD\uFFFD\uFFFD\uFFFD"},  // past U+10FFFF
        {"\xE2\x82", u"\uFFFD"},                            // cut
        {"\xE2\x82"
         "a",
         u"\uFFFDa"},  // broken off
        {"\xFF", u"\uFFFD"},
    };
    for (const Invalid& invalid : kCases) {
        WCHAR wide[16];
        EXPECT_GT(MultiByteToWideChar(CP_UTF8, 0, invalid.bytes, -1, wide, 16), 0);
        EXPECT_EQ(std::u16string(wide), invalid.replaced);
        EXPECT_EQ(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, invalid.bytes, -1, wide, 16), 0);
        EXPECT_EQ(GetLastError(), DWORD{ERROR_NO_UNICODE_TRANSLATION});
    }
}

TEST(WideCharToMultiByte, ConvertsEveryLengthOfUtf8) {
    char text[32];
    EXPECT_EQ(
        WideCharToMultiByte(CP_UTF8, 0, u"a\u00E4\u20AC\U0001F600", -1, text, sizeof text, nullptr, nullptr),
        11);
    EXPECT_STREQ(text, "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(WideCharToMultiByte, TellsOfLoneSurrogates) {
    const WCHAR lone[] = {u'a', 0xD800, u'b', 0};
    char text[16];
    BOOL used = FALSE;
    EXPECT_EQ(WideCharToMultiByte(CP_UTF8, 0, lone, -1, text, sizeof text, nullptr, &used), 6);
    EXPECT_STREQ(text,
                 "a\xEF\xBF\xBD"
                 "b");
    EXPECT_TRUE(used);
    EXPECT_EQ(
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, lone, -1, text, sizeof text, nullptr, nullptr), 0);
}

TEST(StrcpyS, CopiesWhatFitsAndEmptiesWhatDoesNot) {
    char target[4] = "xyz";
    EXPECT_EQ(strcpy_s(target, "abc"), 0);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(strcpy_s(target, "abcd"), ERANGE);
    EXPECT_STREQ(target, "");
    EXPECT_EQ(strcpy_s(target, 4, nullptr), EINVAL);
    EXPECT_EQ(strcpy_s(nullptr, 4, "a"), EINVAL);
    EXPECT_EQ(strcpy_s(target, 0, "a"), EINVAL);
}

TEST(StrncpyS, CopiesTheCountOrTruncatesOnDemand) {
    char target[4];
    EXPECT_EQ(strncpy_s(target, sizeof target, "abcdef", 3), 0);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(strncpy_s(target, sizeof target, "abcdef", 4), ERANGE);
    EXPECT_STREQ(target, "");
    EXPECT_EQ(strncpy_s(target, sizeof target, "abcdef", _TRUNCATE), STRUNCATE);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(strncpy_s(target, sizeof target, "abc", _TRUNCATE), 0);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(strncpy_s(target, sizeof target, "ab", 100), 0);
    EXPECT_STREQ(target, "ab");
}

TEST(StrcatS, AppendsWithinTheBuffer) {
    char target[6] = "ab";
    EXPECT_EQ(strcat_s(target, "cde"), 0);
    EXPECT_STREQ(target, "abcde");
    EXPECT_EQ(strcat_s(target, "f"), ERANGE);
    EXPECT_STREQ(target, "");
    char full[2] = {'a', 'b'};
    EXPECT_EQ(strcat_s(full, sizeof full, ""), EINVAL);
    char part[6] = "ab";
    EXPECT_EQ(strncat_s(part, sizeof part, "cdefg", 2), 0);
    EXPECT_STREQ(part, "abcd");
    EXPECT_EQ(strncat_s(part, sizeof part, "efg", _TRUNCATE), STRUNCATE);
    EXPECT_STREQ(part, "abcde");
}

TEST(MemcpyS, EmptiesTheTargetWhenItIsTooSmall) {
    char target[3] = {'a', 'b', 'c'};
    EXPECT_EQ(memcpy_s(target, 3, "xyz", 3), 0);
    EXPECT_EQ(std::string(target, 3), "xyz");
    EXPECT_EQ(memcpy_s(target, 3, "1234", 4), ERANGE);
    EXPECT_EQ(std::string(target, 3), std::string(3, '\0'));
}

TEST(Crt, ComparesAndFoldsAsciiOnly) {
    EXPECT_EQ(_stricmp("AbC", "aBc"), 0);
    EXPECT_EQ(_strnicmp("http://X", "HTTP://y", 7), 0);
    EXPECT_NE(_strnicmp("http://X", "HTTP://y", 8), 0);
    char text[] = "aBc\xC4";
    EXPECT_STREQ(_strupr(text), "ABC\xC4");
    EXPECT_STREQ(_strlwr(text), "abc\xC4");
}

TEST(Crt, WritesNumbersInEveryRadix) {
    char text[40];
    EXPECT_STREQ(_itoa(-255, text, 10), "-255");
    EXPECT_STREQ(_itoa(-1, text, 16), "ffffffff");
    EXPECT_STREQ(_itoa(INT32_MIN, text, 10), "-2147483648");
    EXPECT_STREQ(_ultoa(5, text, 2), "101");
    EXPECT_EQ(_itoa_s(1234, text, 4, 10), ERANGE);
    EXPECT_EQ(_itoa_s(123, text, 4, 10), 0);
    EXPECT_EQ(_itoa_s(1, text, 4, 37), EINVAL);
    EXPECT_EQ(_atoi64("-1099511627776"), -1099511627776);
}

}  // namespace
