#include "include_aliases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::cc {

namespace {

namespace fs = std::filesystem;

class IncludeAliasesTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "aliases-XXXXXX";
        root_ = mkdtemp(name.data());
        fs::create_directories(root_ / "source");
        fs::create_directories(root_ / "Include" / "Sub");
    }
    void TearDown() override { fs::remove_all(root_); }

    void put(const std::string& file, const std::string& text = "") { write_file(root_ / file, text); }

    /// The alias file made for an include name of source/main.c, or "" when there is none.
    std::string alias(const std::string& name, bool quoted = true) {
        IncludeAliases aliases(root_ / "aliases", {root_ / "Include"});
        aliases.add_for(root_ / "source" / "main.c",
                        "#include " + (quoted ? "\"" + name + "\"" : "<" + name + ">"));
        warnings_ = aliases.warnings();
        return read_file((aliases.folder() / name).lexically_normal()).value_or("");
    }

    std::string including(const std::string& file) {
        return "#include \"" + (root_ / file).string() + "\"\n";
    }

    fs::path root_;
    std::vector<std::string> warnings_;
};

TEST_F(IncludeAliasesTest, AFileOfTheRightNameNeedsNone) {
    put("source/a.h");
    put("Include/b.h");
    EXPECT_EQ(alias("a.h"), "");
    EXPECT_EQ(alias("b.h", false), "");
}

TEST_F(IncludeAliasesTest, AnotherCaseLeadsToTheFile) {
    put("source/ThreadPool.h");
    put("Include/HttpExt.h");
    EXPECT_EQ(alias("threadpool.h"), including("source/ThreadPool.h"));
    EXPECT_EQ(alias("HTTPEXT.H", false), including("Include/HttpExt.h"));
}

TEST_F(IncludeAliasesTest, BackslashesAndFoldersLeadToTheFile) {
    put("Include/Sub/Deep.h");
    EXPECT_EQ(alias("sub\\deep.h"), including("Include/Sub/Deep.h"));
    EXPECT_EQ(alias("..\\include\\sub/DEEP.h"),
              "#include \"" + (root_ / "source/../Include/Sub/Deep.h").string() + "\"\n");
}

TEST_F(IncludeAliasesTest, FoldersAboveWorkToo) {
    put("Include/Up.h");
    EXPECT_EQ(alias("../include/up.h"), "#include \"" + (root_ / "source/../Include/Up.h").string() + "\"\n");
}

TEST_F(IncludeAliasesTest, ASystemHeaderIsLowerCase) {
    EXPECT_EQ(alias("StdIO.h", false), "#include <stdio.h>\n");
}

TEST_F(IncludeAliasesTest, AnUnknownLowerCaseNameIsTheCompilersAffair) {
    EXPECT_EQ(alias("nothing.h"), "");
}

TEST_F(IncludeAliasesTest, HeadersOfHeadersAreFollowedOnce) {
    put("source/a.h", "#include \"B.H\"\n#include \"a.h\"\n");
    put("source/b.h");
    IncludeAliases aliases(root_ / "aliases", {});
    aliases.add_for(root_ / "source" / "main.c", "#include \"a.h\"\n");
    EXPECT_EQ(read_file(aliases.folder() / "B.H"), including("source/b.h"));
}

TEST_F(IncludeAliasesTest, ANameThatLeadsTooFarUpIsReported) {
    std::string far;
    for (int level = 0; level < 40; ++level) far += "../";
    put("source/a.h");
    alias(far + root_.string().substr(1) + "/SOURCE/a.h");
    EXPECT_THAT(warnings_, testing::ElementsAre(testing::HasSubstr("too far up")));
}

TEST_F(IncludeAliasesTest, OneNameForTwoFilesIsReported) {
    put("source/Same.h");
    fs::create_directories(root_ / "other");
    put("other/SAME.H");
    IncludeAliases aliases(root_ / "aliases", {});
    aliases.add_for(root_ / "source" / "main.c", "#include \"same.h\"\n");
    aliases.add_for(root_ / "other" / "main.c", "#include \"same.h\"\n");
    EXPECT_EQ(aliases.warnings().size(), 1u);
}

TEST_F(IncludeAliasesTest, AUtf16HeaderIsReported) {
    put("source/wide.h", "\xFF\xFE#");
    alias("wide.h");
    EXPECT_THAT(warnings_, testing::ElementsAre(testing::HasSubstr("UTF-16")));
}

}  // namespace

}  // namespace osmia::cc
