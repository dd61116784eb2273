#include "base/message_socket.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace osmia {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(MessageSocket, CarriesBytesAndDescriptors) {
    auto pair = make_message_pair();
    ASSERT_TRUE(pair.ok());
    UniqueFd event(::eventfd(0, EFD_CLOEXEC));
    const int fds[] = {event.get()};
    ASSERT_TRUE(send_message(pair.value().first, bytes_of("hello"), fds).ok());
    auto message = receive_message(pair.value().second);
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(message.value().bytes.size(), 5u);
    EXPECT_EQ(message.value().fds.size(), 1u);
}

TEST(MessageSocket, TellsEmptyFromClosed) {
    auto pair = make_message_pair();
    ASSERT_TRUE(pair.ok());
    EXPECT_EQ(receive_message(pair.value().second).error().kind, ErrorKind::Busy);
    pair.value().first.reset();
    EXPECT_EQ(receive_message(pair.value().second).error().kind, ErrorKind::Closed);
    EXPECT_EQ(send_message(pair.value().second, bytes_of("x")).error().kind, ErrorKind::Closed);
}

TEST(MessageSocket, AMessageBeyondTheLimitIsInvalidAndTheNextOneArrives) {
    auto pair = make_message_pair();
    ASSERT_TRUE(pair.ok());
    const std::vector<std::byte> at_limit(MaxMessageSize), past(MaxMessageSize + 1);
    ASSERT_TRUE(send_message(pair.value().first, at_limit).ok());
    EXPECT_TRUE(receive_message(pair.value().second).ok());
    ASSERT_GT(::send(pair.value().first.get(), past.data(), past.size(), 0), 0);
    ASSERT_TRUE(send_message(pair.value().first, bytes_of("next")).ok());
    EXPECT_EQ(receive_message(pair.value().second).error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(receive_message(pair.value().second).ok());
}

}  // namespace
}  // namespace osmia
