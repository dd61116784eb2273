#include "config/diagnostics.h"

#include <gtest/gtest.h>

namespace osmia::config {
namespace {

Diagnostic at(std::uint32_t line, std::uint32_t column, Severity severity = Severity::Error) {
    return {"a.config", line, column, severity, ErrorNumber::BadData, "wrong", "<a\tb='1'/>"};
}

TEST(Diagnostics, FormatsFileLineColumnTheLineAndACaret) {
    EXPECT_EQ(format_diagnostic(at(3, 4)), "a.config:3:4: error: wrong\n<a\tb='1'/>\n  \t^\n");
    EXPECT_EQ(format_diagnostic(at(3, 1, Severity::Warning)), "a.config:3:1: warning: wrong\n<a\tb='1'/>\n^\n");
}

TEST(Diagnostics, CountsCharactersNotBytesForTheCaret) {
    Diagnostic diagnostic = at(1, 4);
    diagnostic.source_line = "<ä b='1'/>";
    EXPECT_EQ(format_diagnostic(diagnostic), "a.config:1:4: error: wrong\n<ä b='1'/>\n   ^\n");
}

TEST(Diagnostics, FormatsAFindingAboutAWholeFileWithoutAPosition) {
    Diagnostic diagnostic = at(0, 0);
    EXPECT_EQ(format_diagnostic(diagnostic), "a.config: error: wrong\n");
}

TEST(Diagnostics, TellsErrorsFromWarnings) {
    EXPECT_FALSE(has_errors({}));
    EXPECT_FALSE(has_errors({at(1, 1, Severity::Warning)}));
    EXPECT_TRUE(has_errors({at(1, 1, Severity::Warning), at(2, 1)}));
}

TEST(Diagnostics, AreSortedByPositionAndEqualOnesAppearOnce) {
    Diagnostics diagnostics{at(2, 1), at(1, 9), at(2, 1), at(1, 2)};
    sort_diagnostics(diagnostics);
    EXPECT_EQ(diagnostics, (Diagnostics{at(1, 2), at(1, 9), at(2, 1)}));
}

}  // namespace
}  // namespace osmia::config
