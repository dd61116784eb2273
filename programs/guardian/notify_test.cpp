#include "guardian/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/unique_fd.h"

namespace osmia::guardian {
namespace {

/// A service manager's socket in the abstract namespace.
class NotifyTest : public testing::Test {
protected:
    void SetUp() override {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name_ = "osmia-notify-test-" + std::to_string(::getpid());
        std::memcpy(address.sun_path + 1, name_.data(), name_.size());
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
    }

    std::string receive() {
        char text[256] = {};
        const auto size = ::recv(socket_.get(), text, sizeof text, MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(size));
    }

    UniqueFd socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    std::string name_;
};

TEST_F(NotifyTest, SendsTheTextToTheManagersSocket) {
    notify("@" + name_, "READY=1\nSTATUS=Serving");
    EXPECT_EQ(receive(), "READY=1\nSTATUS=Serving");
}

TEST_F(NotifyTest, TheSocketMayBeMissingOrHaveAnUnusableName) {
    notify("", "READY=1");
    notify("/nonexistent/socket", "READY=1");
    notify(std::string(sizeof(sockaddr_un::sun_path), 'x'), "READY=1");
    EXPECT_EQ(receive(), "nothing");
}

}  // namespace
}  // namespace osmia::guardian
