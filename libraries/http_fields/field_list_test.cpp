#include "http_fields/field_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace osmia::http_fields {
namespace {

std::vector<std::string> elements(std::string_view value) {
    std::vector<std::string> result;
    for (ListReader list(value); const auto element = list.next();) result.emplace_back(*element);
    return result;
}

TEST(ListReader, TrimsElementsAndSkipsEmptyOnes) {
    EXPECT_EQ((std::vector<std::string>{"a", "b c", "d"}), elements(" ,a ,\tb c\t, ,,d,"));
    EXPECT_EQ((std::vector<std::string>{"a"}), elements("a"));
    EXPECT_TRUE(elements("").empty());
    EXPECT_TRUE(elements(" , ").empty());
}

TEST(ListContains, ComparesWholeElementsInAnyCase) {
    EXPECT_TRUE(list_contains("foo, CLOSE", "close"));
    EXPECT_FALSE(list_contains("foo, closed", "close"));
    EXPECT_FALSE(list_contains("", "close"));
}

}  // namespace
}  // namespace osmia::http_fields
