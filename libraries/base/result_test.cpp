#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace osmia {
namespace {

Result<int> half(int n) {
    if (n % 2 != 0) return make_error(ErrorKind::Invalid, "{} is odd", n);
    return n / 2;
}

Result<int> quarter(int n) { return half(OSMIA_TRY(half(n))); }

TEST(Result, CarriesAValue) { EXPECT_EQ(quarter(8).value(), 2); }

TEST(Result, TryReturnsTheFirstError) {
    auto result = quarter(6);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().message, "3 is odd");
}

TEST(Result, ErrnoDecidesTheKind) {
    EXPECT_EQ(errno_error("open", ENOENT).kind, ErrorKind::NotFound);
    EXPECT_EQ(errno_error("open", EACCES).kind, ErrorKind::Denied);
    EXPECT_EQ(errno_error("open", EIO).kind, ErrorKind::System);
}

}  // namespace
}  // namespace osmia
