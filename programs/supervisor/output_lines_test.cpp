#include "supervisor/output_lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace osmia::supervisor {
namespace {

class OutputLinesTest : public testing::Test {
protected:
    std::vector<std::string> passed_;
    OutputLines lines_{[this](std::string_view line) { passed_.emplace_back(line); }};
    OutputLines::Time now_ = OutputLines::Time() + std::chrono::hours(1);
};

TEST_F(OutputLinesTest, PassesWholeLinesHoweverTheyArrive) {
    lines_.add("one\ntw", now_);
    lines_.add("o\r\n\nthree", now_);
    EXPECT_EQ(passed_, (std::vector<std::string>{"one", "two", ""}));
    lines_.finish();
    EXPECT_EQ(passed_.back(), "three");
}

TEST_F(OutputLinesTest, CutsLongLines) {
    lines_.add(std::string(MaxOutputLine, 'a') + "\n", now_);
    EXPECT_EQ(passed_, std::vector<std::string>{std::string(MaxOutputLine, 'a')}) << "at the limit";
    passed_.clear();
    lines_.add(std::string(MaxOutputLine + 1, 'b') + "\n", now_);
    EXPECT_EQ(passed_, (std::vector<std::string>{std::string(MaxOutputLine, 'b'), "b"})) << "one past it";
}

TEST_F(OutputLinesTest, CountsWhatIsBeyondTheRate) {
    for (std::uint32_t i = 0; i < MaxOutputLinesPerSecond; ++i) lines_.add("x\n", now_);
    EXPECT_EQ(passed_.size(), MaxOutputLinesPerSecond) << "at the limit";
    lines_.add("y\n", now_);
    EXPECT_EQ(passed_.size(), MaxOutputLinesPerSecond) << "one past it";
    lines_.add("z\n", now_ + std::chrono::seconds(1));
    ASSERT_EQ(passed_.size(), MaxOutputLinesPerSecond + 2);
    EXPECT_EQ(passed_[MaxOutputLinesPerSecond], "(1 lines dropped: more than 500 in a second)");
    EXPECT_EQ(passed_.back(), "z");
}

TEST_F(OutputLinesTest, TellsTheCountAtTheEnd) {
    for (std::uint32_t i = 0; i < MaxOutputLinesPerSecond + 7; ++i) lines_.add("x\n", now_);
    lines_.finish();
    EXPECT_EQ(passed_.back(), "(7 lines dropped: more than 500 in a second)");
}

TEST_F(OutputLinesTest, ReplacesControlCharacters) {
    lines_.add("a\x1b[2Jb\tc\x7f\n", now_);
    EXPECT_EQ(passed_, std::vector<std::string>{"a?[2Jb\tc?"});
}

TEST(Printable, IsOneShortLine) {
    EXPECT_EQ(printable("a\nb", 3), "a?b");
    EXPECT_EQ(printable("abcd", 3), "abc");
}

}  // namespace
}  // namespace osmia::supervisor
