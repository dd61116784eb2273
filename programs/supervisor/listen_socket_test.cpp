#include "supervisor/listen_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

namespace osmia::supervisor {
namespace {

PlannedSocket tcp(const std::string& address, std::uint16_t port) {
    PlannedSocket planned;
    planned.key = address + ":" + std::to_string(port);
    planned.address = address;
    planned.port = port;
    return planned;
}

TEST(ListenSocket, SaysWhenThePortIsTaken) {
    const auto first = open_listen_socket(tcp("127.0.0.1", 0));
    ASSERT_TRUE(first.ok());
    const std::uint16_t port = port_of(first.value());
    ASSERT_NE(port, 0);
    const auto second = open_listen_socket(tcp("127.0.0.1", port));
    ASSERT_FALSE(second.ok());
    EXPECT_NE(second.error().message.find("another program listens there"), std::string::npos) << second.error().message;
}

TEST(ListenSocket, WildcardAndAddressShareAPortWhenPlannedSo) {
    PlannedSocket any = tcp("0.0.0.0", 0);
    any.share_port = true;
    const auto first = open_listen_socket(any);
    ASSERT_TRUE(first.ok());
    PlannedSocket one = tcp("127.0.0.1", port_of(first.value()));
    one.share_port = true;
    EXPECT_TRUE(open_listen_socket(one).ok());
}

TEST(ListenSocket, NamesAreNotLookedUp) { EXPECT_FALSE(open_listen_socket(tcp("localhost", 0)).ok()); }

TEST(ListenSocket, ReplacesAStaleUnixSocketAndOnlyThat) {
    std::string folder = testing::TempDir() + "osmia-listen-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    PlannedSocket planned;
    planned.unix_path = folder + "/x.sock";
    planned.key = "unix:" + planned.unix_path;
    auto first = open_listen_socket(planned);
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(open_listen_socket(planned).ok()) << "the first still listens";
    std::move(first).value().reset();
    EXPECT_TRUE(open_listen_socket(planned).ok());
    std::filesystem::remove_all(folder);
}

TEST(ListenSocket, ATooLongUnixPathIsAnError) {
    PlannedSocket planned;
    planned.unix_path = "/tmp/" + std::string(103, 'x');
    EXPECT_FALSE(open_listen_socket(planned).ok());
}

}  // namespace
}  // namespace osmia::supervisor
