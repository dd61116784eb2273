#include "command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::cc {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Request parsed(const std::vector<std::string>& arguments) {
    std::string error;
    auto request = parse_command_line(arguments, error);
    EXPECT_TRUE(request) << error;
    return request.value_or(Request{});
}

std::string mistake(const std::vector<std::string>& arguments) {
    std::string error;
    EXPECT_FALSE(parse_command_line(arguments, error));
    return error;
}

TEST(CommandLine, TakesTheLanguageFromTheEnding) {
    Request request = parsed({"-o", "x.so", "a.c", "b.CPP", "c.cxx"});
    ASSERT_EQ(request.sources.size(), 3u);
    EXPECT_EQ(request.sources[0].language, Language::C);
    EXPECT_EQ(request.sources[1].language, Language::Cxx);
    EXPECT_EQ(request.sources[2].language, Language::Cxx);
    EXPECT_EQ(request.output, "x.so");
}

TEST(CommandLine, NamesTheOutputAfterTheFirstSource) {
    EXPECT_EQ(parsed({"dir/Simple.cpp", "b.c"}).output, "Simple.so");
}

TEST(CommandLine, SendsOptionsWhereTheyBelong) {
    Request request =
        parsed({"-DX=1", "-I", "inc", "-O0", "a.c", "-lsqlite3", "-L", "lib", "lib.a", "-Wl,--trace"});
    EXPECT_THAT(request.compile_options, ElementsAre("-DX=1", "-I", "inc", "-O0"));
    EXPECT_THAT(request.link_inputs, ElementsAre("-lsqlite3", "-L", "lib", "lib.a", "-Wl,--trace"));
    EXPECT_THAT(request.include_folders, ElementsAre("inc"));
}

TEST(CommandLine, CollectsDefinitionFilesWhateverTheirCase) {
    EXPECT_THAT(parsed({"a.c", "A.DEF"}).definition_files, ElementsAre("A.DEF"));
}

TEST(CommandLine, SaysWhatIsWrong) {
    EXPECT_THAT(mistake({}), HasSubstr("no source"));
    EXPECT_THAT(mistake({"a.c", "-o"}), HasSubstr("-o needs a value"));
    EXPECT_THAT(mistake({"a.pas"}), HasSubstr("a.pas"));
    EXPECT_THAT(mistake({"-c", "-o", "x.o", "a.c", "b.c"}), HasSubstr("one source"));
    EXPECT_THAT(mistake({"lib.a"}), HasSubstr("-o"));
}

}  // namespace

}  // namespace osmia::cc
