#include "supervisor/systemd_notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "base/unique_fd.h"

namespace osmia::supervisor {
namespace {

TEST(NotifyManager, ReachesAnAbstractSocket) {
    const UniqueFd receiver(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::string name = "@osmia-notify-test-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    ASSERT_EQ(::bind(receiver.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_TRUE(notify_manager_at(name, "READY=1"));
    char text[16] = {};
    EXPECT_EQ(::recv(receiver.get(), text, sizeof text, MSG_DONTWAIT), 7);
    EXPECT_STREQ(text, "READY=1");
}

TEST(NotifyManager, AnAddressOfAnotherKindIsIgnored) {
    EXPECT_FALSE(notify_manager_at("", "READY=1"));
    EXPECT_FALSE(notify_manager_at("relative", "READY=1"));
    EXPECT_FALSE(notify_manager_at("/nonexistent/socket", "READY=1"));
    EXPECT_FALSE(notify_manager_at("/" + std::string(200, 'x'), "READY=1"));
}

}  // namespace
}  // namespace osmia::supervisor
