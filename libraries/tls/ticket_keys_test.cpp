#include "tls/ticket_keys.h"

#include <gtest/gtest.h>

namespace osmia::tls {
namespace {

TEST(TicketKeys, KeepTheKeyBeforeForOneRotation) {
    TicketKeys keys(1000);
    const auto first = keys.current().name;
    bool is_current = false;
    keys.rotate(1000 + TicketKeySeconds - 1);
    EXPECT_NE(keys.find(first, is_current), nullptr);
    EXPECT_TRUE(is_current);
    keys.rotate(1000 + TicketKeySeconds);
    EXPECT_NE(keys.find(first, is_current), nullptr);
    EXPECT_FALSE(is_current) << "an old key's ticket is to be replaced";
    keys.rotate(1000 + 2 * TicketKeySeconds);
    EXPECT_EQ(keys.find(first, is_current), nullptr);
}

TEST(TicketKeys, ForgetBothAfterALongSleep) {
    TicketKeys keys(0);
    const auto first = keys.current().name;
    keys.rotate(2 * TicketKeySeconds);
    bool is_current = false;
    EXPECT_EQ(keys.find(first, is_current), nullptr);
}

TEST(TicketKeys, AreDifferentEachTime) {
    const TicketKeys one(0), two(0);
    EXPECT_NE(one.current().name, two.current().name);
    EXPECT_NE(one.current().cipher, two.current().cipher);
    EXPECT_NE(one.current().mac, two.current().mac);
}

}  // namespace
}  // namespace osmia::tls
