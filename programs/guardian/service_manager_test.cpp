#include "guardian/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"

namespace osmia::guardian {
namespace {

/// A service manager's socket in the abstract namespace.
class ServiceManagerTest : public testing::Test {
protected:
    void SetUp() override {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name_ = "osmia-service-manager-test-" + std::to_string(::getpid());
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

TEST_F(ServiceManagerTest, HearsEveryPhase) {
    const ServiceManager manager("@" + name_);
    manager.tell(wire::ServerPhase::Ready);
    EXPECT_EQ(receive(), "READY=1\nSTATUS=Serving");
    manager.tell(wire::ServerPhase::Reloading);
    EXPECT_THAT(receive(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=Reloading"));
    manager.tell(wire::ServerPhase::Stopping);
    EXPECT_EQ(receive(), "STOPPING=1\nSTATUS=Draining");
}

TEST_F(ServiceManagerTest, IsTakenOutOfTheEnvironment) {
    ::setenv("NOTIFY_SOCKET", ("@" + name_).c_str(), 1);
    const ServiceManager manager = ServiceManager::from_environment();
    EXPECT_EQ(::getenv("NOTIFY_SOCKET"), nullptr);
    manager.tell(wire::ServerPhase::Ready);
    EXPECT_THAT(receive(), testing::HasSubstr("READY=1"));
}

TEST_F(ServiceManagerTest, MayBeMissingOrHaveAnUnusableName) {
    ServiceManager().tell(wire::ServerPhase::Ready);
    ServiceManager("/nonexistent/socket").tell(wire::ServerPhase::Ready);
    ServiceManager(std::string(sizeof(sockaddr_un::sun_path), 'x')).tell(wire::ServerPhase::Ready);
    EXPECT_EQ(receive(), "nothing");
}

}  // namespace
}  // namespace osmia::guardian
