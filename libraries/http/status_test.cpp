#include "http/status.h"

#include <gtest/gtest.h>

namespace osmia::http {
namespace {

TEST(ReasonPhrase, KnowsTheRegisteredOnes) {
    EXPECT_EQ("Continue", reason_phrase(100));
    EXPECT_EQ("OK", reason_phrase(200));
    EXPECT_EQ("Not Found", reason_phrase(404));
    EXPECT_EQ("Network Authentication Required", reason_phrase(511));
}

TEST(ReasonPhrase, NamesTheClassOfTheOthers) {
    EXPECT_EQ("Success", reason_phrase(299));
    EXPECT_EQ("Client Error", reason_phrase(418));
    EXPECT_EQ("Server Error", reason_phrase(599));
    EXPECT_EQ("Unknown", reason_phrase(0));
    EXPECT_EQ("Unknown", reason_phrase(999));
}

TEST(HasNoContent, IsTrueForInterimNoContentAndNotModified) {
    for (const unsigned status : {100u, 101u, 199u, 204u, 304u})
        EXPECT_TRUE(has_no_content(status)) << status;
    for (const unsigned status : {200u, 203u, 205u, 303u, 305u, 404u, 500u})
        EXPECT_FALSE(has_no_content(status)) << status;
}

}  // namespace
}  // namespace osmia::http
