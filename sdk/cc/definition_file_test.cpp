#include "definition_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::cc {

namespace {

std::vector<std::string> names(std::string_view text) {
    std::vector<std::string> result;
    for (const Export& entry : parse_definition_file(text))
        result.push_back(entry.name + "=" + entry.internal_name);
    return result;
}

TEST(DefinitionFile, ListsTheNamesBehindExports) {
    EXPECT_THAT(names("LIBRARY \"X\"\r\n\r\nEXPORTS\r\n\tGetExtensionVersion\r\n  HttpExtensionProc\r\n"),
                testing::ElementsAre("GetExtensionVersion=GetExtensionVersion",
                                     "HttpExtensionProc=HttpExtensionProc"));
}

TEST(DefinitionFile, KnowsOrdinalsAttributesRenamesAndComments) {
    EXPECT_THAT(names("; a comment\nEXPORTS One @1 NONAME\nTwo=Internal @2\nThree = Other PRIVATE ; "
                      "comment\nFour DATA\n"),
                testing::ElementsAre("One=One", "Two=Internal", "Three=Other", "Four=Four"));
}

TEST(DefinitionFile, StopsAtTheNextStatement) {
    EXPECT_THAT(names("exports\nOne\nSECTIONS\n.data READ WRITE\n"), testing::ElementsAre("One=One"));
}

TEST(DefinitionFile, MayBeEmpty) {
    EXPECT_TRUE(names("").empty());
    EXPECT_TRUE(names("EXPORTS").empty());
}

TEST(VersionScript, HidesEverythingElse) {
    EXPECT_EQ(version_script({{"A", "A"}, {"B", "C"}}), "{ global: DllMain; A; B; local: *; };\n");
}

}  // namespace

}  // namespace osmia::cc
