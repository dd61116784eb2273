#include "http/path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osmia::http {
namespace {

struct Normalized {
    PathError error;
    std::string path;
};

/// Into a buffer of exactly the promised size, so that a sanitizer sees one byte too many.
Normalized normalize(std::string_view raw, const PathLimits& limits = {}) {
    std::vector<char> out(raw.size());
    const PathResult result = normalize_path(raw, out, limits);
    return {result.error, std::string(out.data(), result.size)};
}

TEST(NormalizePath, GivesOnePathForManySpellings) {
    const std::pair<std::string_view, std::string_view> table[] = {
        {"/", "/"},
        {"/a", "/a"},
        {"/a/", "/a/"},
        {"/a/b.c/d", "/a/b.c/d"},
        {"/%61", "/a"},
        {"/%2Fa", "/a"},
        {"/a%2fb", "/a/b"},
        {"/a%2F%2e%2e%2Fb", "/b"},
        {"/a\\b", "/a/b"},
        {"/a%5Cb", "/a/b"},
        {"/a\\..\\b", "/b"},
        {"//", "/"},
        {"//a///b//", "/a/b/"},
        {"/.", "/"},
        {"/./", "/"},
        {"/a/.", "/a/"},
        {"/a/./b", "/a/b"},
        {"/a/..", "/"},
        {"/a/b/..", "/a/"},
        {"/a/../b", "/b"},
        {"/a/b/../../c", "/c"},
        {"/a//../b", "/b"},
        {"/...", "/..."},
        {"/..a/.b/c..", "/..a/.b/c.."},
        {"/%2e", "/"},
        {"/a/%2e%2E/b", "/b"},
        {"/%252e%252e/", "/%2e%2e/"},
        {"/%25", "/%"},
        {"/a%20b+c", "/a b+c"},
        {"/a%3Fb%23c", "/a?b#c"},
        {"/A/b", "/A/b"},
        {"/%C3%A9%e2%82%ac%F0%9F%90%9D", "/\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d"},
        {"/%C2%A0", "/\xc2\xa0"},
        {"/%EF%BF%BF%EE%80%80%ED%9F%BF%F4%8F%BF%BF", "/\xef\xbf\xbf\xee\x80\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf"},
    };
    for (const auto& [raw, want] : table) {
        const Normalized got = normalize(raw);
        EXPECT_EQ(PathError::None, got.error) << raw;
        EXPECT_EQ(want, got.path) << raw;
    }
}

TEST(NormalizePath, RefusesWhatHasNoSingleMeaning) {
    using std::string_view_literals::operator""sv;
    const std::pair<std::string_view, PathError> table[] = {
        {"", PathError::NotAbsolute},
        {"a", PathError::NotAbsolute},
        {"\\a", PathError::NotAbsolute},
        {"%2fa", PathError::NotAbsolute},
        {"*", PathError::NotAbsolute},
        {"/%", PathError::BadEscape},
        {"/%4", PathError::BadEscape},
        {"/%4g", PathError::BadEscape},
        {"/%u0041", PathError::BadEscape},
        {"/%+1", PathError::BadEscape},
        {"/% 1", PathError::BadEscape},
        {"/%00", PathError::ControlCharacter},
        {"/a\0b"sv, PathError::ControlCharacter},
        {"/%1f", PathError::ControlCharacter},
        {"/%7f", PathError::ControlCharacter},
        {"/\x7f", PathError::ControlCharacter},
        {"/%0A", PathError::ControlCharacter},
        {"/%C2%80", PathError::ControlCharacter},
        {"/%C2%9F", PathError::ControlCharacter},
        {"/%80", PathError::BadUtf8},
        {"/%C0%80", PathError::BadUtf8},
        {"/%C1%BF", PathError::BadUtf8},
        {"/%E0%80%AF", PathError::BadUtf8},
        {"/%E0%9F%BF", PathError::BadUtf8},
        {"/%ED%A0%80", PathError::BadUtf8},
        {"/%F0%8F%BF%BF", PathError::BadUtf8},
        {"/%F4%90%80%80", PathError::BadUtf8},
        {"/%F5%80%80%80", PathError::BadUtf8},
        {"/%FF", PathError::BadUtf8},
        {"/%E2%82", PathError::BadUtf8},
        {"/%E2%82/", PathError::BadUtf8},
        {"/%F0%9F%90", PathError::BadUtf8},
        {"/\xe9", PathError::BadUtf8},
        {"/..", PathError::AboveRoot},
        {"/../a", PathError::AboveRoot},
        {"/a/../..", PathError::AboveRoot},
        {"/a/../../a", PathError::AboveRoot},
        {"//..", PathError::AboveRoot},
        {"/%2e%2e", PathError::AboveRoot},
        {"/.%2e/", PathError::AboveRoot},
        {"/a/..%2f..", PathError::AboveRoot},
        {"/\\..", PathError::AboveRoot},
    };
    for (const auto& [raw, want] : table) EXPECT_EQ(want, normalize(raw).error) << raw;
}

TEST(NormalizePath, IsStableWhenNothingIsLeftToDecode) {
    for (const std::string_view raw : {"/a/../b//c/", "/x%2fy/./z", "/%C3%A9/.."}) {
        const std::string once = normalize(raw).path;
        EXPECT_EQ(once, normalize(once).path);
    }
}

TEST(NormalizePath, TakesSegmentsUpToTheLimitOnly) {
    const PathLimits limits{.segments = 2};
    EXPECT_EQ(PathError::None, normalize("/a/b", limits).error);
    EXPECT_EQ(PathError::None, normalize("/a/b/", limits).error);
    EXPECT_EQ(PathError::None, normalize("/a/../b/c", limits).error)
        << "what was resolved away does not count";
    EXPECT_EQ(PathError::TooManySegments, normalize("/a/b/c", limits).error);
}

TEST(NormalizePath, CountsASegmentsLengthInCharacters) {
    const PathLimits limits{.segment_characters = 2};
    EXPECT_EQ(PathError::None, normalize("/ab/%E2%82%AC%E2%82%AC", limits).error);
    EXPECT_EQ(PathError::SegmentTooLong, normalize("/abc", limits).error);
    EXPECT_EQ(PathError::SegmentTooLong, normalize("/%E2%82%AC%E2%82%ACa/", limits).error);
}

TEST(NormalizePath, HasHttpSysDefaults) {
    std::string path, segment = "/" + std::string(260, 'a');
    for (int i = 0; i < 255; ++i) path += "/a";
    EXPECT_EQ(PathError::None, normalize(path).error);
    EXPECT_EQ(PathError::TooManySegments, normalize(path + "/a").error);
    EXPECT_EQ(PathError::None, normalize(segment).error);
    EXPECT_EQ(PathError::SegmentTooLong, normalize(segment + "a").error);
}

}  // namespace
}  // namespace osmia::http
