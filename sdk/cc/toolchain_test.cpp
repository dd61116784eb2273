#include "toolchain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace osmia::cc {

namespace {

TEST(WideSymbols, OfTheCxxLibraryAreFound) {
    EXPECT_THAT(
        wide_cxx_symbols("                 U _ZSt5wcout@GLIBCXX_3.4\n"
                         "                 U _ZNSt13basic_ostreamIwSt11char_traitsIwEE3putEw@GLIBCXX_3.4\n"),
        testing::ElementsAre("_ZSt5wcout", "_ZNSt13basic_ostreamIwSt11char_traitsIwEE3putEw"));
}

TEST(WideSymbols, AreNotSeenWhereThereAreNone) {
    EXPECT_TRUE(wide_cxx_symbols(
                    "                 U _ZNSaIwEC1Ev@GLIBCXX_3.4\n                 U _ZSt4cout@GLIBCXX_3.4\n"
                    "                 U _ZNSolsEi@GLIBCXX_3.4\n                 U malloc@GLIBC_2.2.5\n")
                    .empty());
}

TEST(WrapOptions, NameEveryWideFunctionOnce) {
    std::string options = wrap_options();
    EXPECT_THAT(options, testing::HasSubstr("--wrap=wcslen\n"));
    EXPECT_THAT(options, testing::HasSubstr("--wrap=wprintf\n"));
    EXPECT_EQ(options.find("--wrap=wcslen\n"), options.rfind("--wrap=wcslen\n"));
}

}  // namespace

}  // namespace osmia::cc
