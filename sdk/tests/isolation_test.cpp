#include <gtest/gtest.h>

#include "extension_host.h"

// The same names in the program itself: an extension must not bind to these either.
int counter = 1000;
inline int inline_counter = 1000;

namespace osmia::sdk_test {

namespace {

template <class Function>
Function* function(const ExtensionHost& host, const char* name) {
    return reinterpret_cast<Function*>(host.symbol(name));
}

class Isolation : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(first.loaded()) << first.error();
        ASSERT_TRUE(second.loaded()) << second.error();
    }
    ExtensionHost first{OSMIA_TWINS "/twin_1.so"};
    ExtensionHost second{OSMIA_TWINS "/twin_2.so"};
};

TEST_F(Isolation, EqualGlobalsTemplatesAndInlineVariablesAreDistinct) {
    auto* address_1 = function<const void*(int)>(first, "address_of");
    auto* address_2 = function<const void*(int)>(second, "address_of");
    for (int what = 0; what < 4; ++what) EXPECT_NE(address_1(what), address_2(what)) << what;
    EXPECT_NE(address_1(0), &counter);
    EXPECT_NE(address_1(1), &inline_counter);
}

TEST_F(Isolation, CountingInOneLeavesTheOtherAlone) {
    auto* count_1 = function<int()>(first, "count_all");
    auto* count_2 = function<int()>(second, "count_all");
    int before = count_2();
    for (int round = 0; round < 10; ++round) count_1();
    EXPECT_EQ(count_2(), before + 4);
    EXPECT_EQ(counter, 1000);
    EXPECT_EQ(inline_counter, 1000);
}

TEST_F(Isolation, EqualInlineAndVirtualFunctionsAreTheirOwn) {
    EXPECT_EQ(function<int()>(first, "twin_number")(), 11);
    EXPECT_EQ(function<int()>(second, "twin_number")(), 22);
}

}  // namespace

}  // namespace osmia::sdk_test
