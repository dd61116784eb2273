#include "http/method.h"

#include <gtest/gtest.h>

namespace osmia::http {
namespace {

TEST(Method, TokensAndEnumeratorsAgree) {
    for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete,
                                Method::Options, Method::Trace, Method::Connect, Method::Patch}) {
        EXPECT_EQ(method, parse_method(method_token(method)));
    }
    EXPECT_EQ("OPTIONS", method_token(Method::Options));
}

TEST(Method, OtherTokensAreOther) {
    for (const std::string_view token : {"", "get", "Get", "GETS", "GE", "PROPFIND"}) {
        EXPECT_EQ(Method::Other, parse_method(token)) << token;
    }
}

TEST(Method, OnlyReadingMethodsAreSafe) {
    for (const Method method : {Method::Get, Method::Head, Method::Options, Method::Trace})
        EXPECT_TRUE(is_safe(method));
    for (const Method method :
         {Method::Other, Method::Post, Method::Put, Method::Delete, Method::Connect, Method::Patch}) {
        EXPECT_FALSE(is_safe(method));
    }
}

}  // namespace
}  // namespace osmia::http
