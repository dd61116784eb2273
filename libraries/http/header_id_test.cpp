#include "http/header_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "http/ascii.h"
#include "http/error_reason.h"

namespace osmia::http {
namespace {

TEST(HeaderId, EveryNameIsFoundInEveryLetterCase) {
    for (std::size_t i = 1; i < HeaderIdCount; ++i) {
        const auto id = static_cast<HeaderId>(i);
        std::string name(header_name(id));
        ASSERT_FALSE(name.empty()) << i;
        EXPECT_EQ(id, find_header_id(name));
        std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
        EXPECT_EQ(id, find_header_id(name));
        std::ranges::transform(name, name.begin(), to_lower);
        EXPECT_EQ(id, find_header_id(name));
    }
}

TEST(HeaderId, NamesAndEnumeratorsStandInTheSameOrder) {
    EXPECT_EQ("Cache-Control", header_name(HeaderId::CacheControl));
    EXPECT_EQ("Last-Modified", header_name(HeaderId::LastModified));
    EXPECT_EQ("Host", header_name(HeaderId::Host));
    EXPECT_EQ("User-Agent", header_name(HeaderId::UserAgent));
    EXPECT_EQ("Sec-Fetch-User", header_name(HeaderId::SecFetchUser));
    EXPECT_EQ("WWW-Authenticate", header_name(HeaderId::WwwAuthenticate));
    EXPECT_EQ("X-Powered-By", header_name(HeaderId::XPoweredBy));
    EXPECT_EQ("", header_name(HeaderId::Other));
}

TEST(HeaderId, NearMissesAreOther) {
    for (const std::string_view name : {"", "H", "Hos", "Hosts", "Content_Length", "Content-Length ",
                                        "C\xefntent-Length", "Content\rLength", "XHost"}) {
        EXPECT_EQ(HeaderId::Other, find_header_id(name)) << name;
    }
}

TEST(ErrorReason, EveryReasonHasItsOwnName) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorReason::Count); ++i) {
        names.insert(reason_name(static_cast<ErrorReason>(i)));
    }
    EXPECT_EQ(static_cast<std::size_t>(ErrorReason::Count), names.size());
    EXPECT_FALSE(names.contains(""));
    EXPECT_EQ("Invalid_CR/LF", reason_name(ErrorReason::InvalidCrLf));
    EXPECT_EQ("QueueFull", reason_name(ErrorReason::QueueFull));
    EXPECT_EQ("Timer_SslRenegotiation", reason_name(ErrorReason::TimerSslRenegotiation));
}

}  // namespace
}  // namespace osmia::http
