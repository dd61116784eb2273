#include "wide_functions.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <osmia_win32/wide_crt.h>

namespace {

TEST(Wide, CopiesAndAppends) {
    WCHAR target[8];
    EXPECT_EQ(std::u16string(__wrap_wcscpy(target, u"ab")), u"ab");
    EXPECT_EQ(std::u16string(__wrap_wcscat(target, u"cd")), u"abcd");
    EXPECT_EQ(std::u16string(__wrap_wcsncat(target, u"efgh", 2)), u"abcdef");
    __wrap_wcsncpy(target, u"xy", 4);
    EXPECT_EQ(std::u16string(target, 8), std::u16string(u"xy\0\0ef\0", 7) + target[7]);
    EXPECT_EQ(__wrap_wcslen(u"abc"), 3u);
    EXPECT_EQ(__wrap_wcsnlen(u"abc", 2), 2u);
}

TEST(Wide, ComparesByUnit) {
    EXPECT_EQ(__wrap_wcscmp(u"a", u"a"), 0);
    EXPECT_LT(__wrap_wcscmp(u"a", u"ab"), 0);
    EXPECT_GT(__wrap_wcscmp(u"\uFFFF", u"a"), 0);
    EXPECT_EQ(__wrap_wcsncmp(u"abc", u"abd", 2), 0);
    EXPECT_EQ(_wcsicmp(u"AbC", u"aBc"), 0);
    EXPECT_NE(_wcsnicmp(u"abc", u"abd", 3), 0);
    EXPECT_LT(__wrap_wmemcmp(u"a\0b", u"a\0c", 3), 0);
}

TEST(Wide, Searches) {
    const WCHAR* text = u"one,two";
    EXPECT_EQ(__wrap_wcschr(text, u','), text + 3);
    EXPECT_EQ(__wrap_wcschr(text, u'\0'), text + 7);
    EXPECT_EQ(__wrap_wcschr(text, u'x'), nullptr);
    EXPECT_EQ(__wrap_wcsrchr(text, u'o'), text + 6);
    EXPECT_EQ(__wrap_wcsstr(text, u"two"), text + 4);
    EXPECT_EQ(__wrap_wcsstr(text, u"three"), nullptr);
    EXPECT_EQ(__wrap_wcsspn(text, u"eno"), 3u);
    EXPECT_EQ(__wrap_wcspbrk(text, u"tw"), text + 4);
    EXPECT_EQ(__wrap_wmemchr(text, u't', 4), nullptr);
}

TEST(Wide, SplitsIntoTokens) {
    WCHAR text[] = u",a,,b";
    WCHAR* context = nullptr;
    EXPECT_EQ(std::u16string(__wrap_wcstok(text, u",", &context)), u"a");
    EXPECT_EQ(std::u16string(__wrap_wcstok(nullptr, u",", &context)), u"b");
    EXPECT_EQ(__wrap_wcstok(nullptr, u",", &context), nullptr);
    EXPECT_EQ(__wrap_wcstok(nullptr, u",", &context), nullptr);
}

TEST(Wide, ReadsNumbers) {
    WCHAR* end = nullptr;
    const WCHAR* text = u" -12x";
    EXPECT_EQ(__wrap_wcstol(text, &end, 10), -12);
    EXPECT_EQ(end, text + 4);
    EXPECT_EQ(__wrap_wcstoull(u"0xFFFFFFFFFFFFFFFF", nullptr, 16), ~0ull);
    EXPECT_EQ(__wrap_wcstod(u"2.5\u20AC", &end), 2.5);
    EXPECT_EQ(_wtoi(u"42"), 42);
}

TEST(Wide, KnowsAsciiClassesOnly) {
    EXPECT_TRUE(__wrap_iswalpha('z'));
    EXPECT_FALSE(__wrap_iswalpha(0xE4));
    EXPECT_TRUE(__wrap_iswspace('\r'));
    EXPECT_TRUE(__wrap_iswpunct('!'));
    EXPECT_FALSE(__wrap_iswpunct('1'));
    EXPECT_EQ(__wrap_towupper('a'), unsigned{'A'});
    EXPECT_EQ(__wrap_towupper(0xE4), 0xE4u);
}

TEST(Wide, ConvertsToAndFromUtf8InWholeCharacters) {
    WCHAR wide[4] = {u'x', u'x', u'x', u'x'};
    EXPECT_EQ(__wrap_mbstowcs(nullptr, "a\xF0\x9F\x98\x80", 0), 3u);
    EXPECT_EQ(__wrap_mbstowcs(wide, "a\xF0\x9F\x98\x80", 2), 1u);
    EXPECT_EQ(wide[1], u'\0');
    char text[4] = {'x', 'x', 'x', 'x'};
    EXPECT_EQ(__wrap_wcstombs(text, u"a\u20AC", 3), 1u);
    errno = 0;
    EXPECT_EQ(__wrap_mbstowcs(wide, "\xFF", 4), static_cast<size_t>(-1));
    EXPECT_EQ(errno, EILSEQ);
}

TEST(Wide, FormatsWithinTheBuffer) {
    WCHAR target[4];
    EXPECT_EQ(__wrap_swprintf(target, 4, u"%d", 123), 3);
    EXPECT_EQ(__wrap_swprintf(target, 4, u"%d", 1234), -1);
    EXPECT_EQ(target[0], u'\0');
    EXPECT_EQ(_snwprintf(target, 4, u"%d", 1234), 4);
    EXPECT_EQ(std::u16string(target, 4), u"1234");
}

TEST(Wide, BoundedCopiesEmptyWhatIsTooSmall) {
    WCHAR target[4];
    EXPECT_EQ(wcscpy_s(target, 4, u"abc"), 0);
    EXPECT_EQ(wcscpy_s(target, 4, u"abcd"), ERANGE);
    EXPECT_EQ(target[0], u'\0');
    EXPECT_EQ(wcsncpy_s(target, 4, u"abcd", _TRUNCATE), STRUNCATE);
    EXPECT_EQ(std::u16string(target), u"abc");
    EXPECT_EQ(wcscat_s(target, 4, u"d"), ERANGE);
}

TEST(Wide, DuplicatesIntoFreeableMemory) {
    WCHAR* copy = _wcsdup(u"copy");
    EXPECT_EQ(std::u16string(copy), u"copy");
    free(copy);
}

}  // namespace
