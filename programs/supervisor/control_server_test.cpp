#include "supervisor/control_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace osmia::supervisor {
namespace {

class ControlServerTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "osmia-control-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        auto socket = ControlServer::open(folder_ + "/control.sock");
        ASSERT_TRUE(socket.ok()) << socket.error().message;
        server_.serve(std::move(socket).value());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    UniqueFd client() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = folder_ + "/control.sock";
        std::memcpy(address.sun_path, path.data(), path.size());
        UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return fd;
    }
    void turn() {
        for (int i = 0; i < 200; ++i) loop_.run_once(std::chrono::milliseconds(0));
    }
    static std::string read_all(const UniqueFd& fd) {
        std::string text;
        char buffer[4096];
        for (ssize_t size; (size = ::read(fd.get(), buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(size));
        return text;
    }
    /// True when the server has closed the connection.
    static bool is_closed(const UniqueFd& fd) {
        char c;
        return ::recv(fd.get(), &c, 1, MSG_DONTWAIT) == 0;
    }

    EventLoop loop_;
    std::string folder_;
    std::vector<std::string> lines_;
    ControlPeer peer_;
    ControlServer::Reply later_;
    ControlServer server_{loop_, [this](const std::string& line, const ControlPeer& peer, ControlServer::Reply reply) {
                              lines_.push_back(line);
                              peer_ = peer;
                              if (line == "later") {
                                  later_ = std::move(reply);
                              } else {
                                  reply("answer to " + line);
                              }
                          }};
};

TEST_F(ControlServerTest, AnswersOneLineAndKnowsWhoAsks) {
    const UniqueFd fd = client();
    ASSERT_EQ(::write(fd.get(), "hel", 3), 3);
    turn();
    EXPECT_TRUE(lines_.empty());
    ASSERT_EQ(::write(fd.get(), "lo\nrest", 7), 7);
    turn();
    EXPECT_EQ(lines_, std::vector<std::string>{"hello"});
    EXPECT_EQ(read_all(fd), "answer to hello\n");
    EXPECT_EQ(peer_.pid, ::getpid());
    EXPECT_EQ(peer_.uid, ::geteuid());
}

TEST_F(ControlServerTest, ALateAnswerArrivesAndOneToNobodyIsDropped) {
    UniqueFd fd = client();
    ASSERT_EQ(::write(fd.get(), "later\n", 6), 6);
    turn();
    later_("at last");
    turn();
    EXPECT_EQ(read_all(fd), "at last\n");
    later_("again");

    fd = client();
    ASSERT_EQ(::write(fd.get(), "later\n", 6), 6);
    turn();
    fd.reset();
    turn();
    later_("to nobody");
    turn();
    EXPECT_EQ(lines_.size(), 2u);
}

TEST_F(ControlServerTest, ALongAnswerArrivesWhole) {
    const UniqueFd fd = client();
    ASSERT_EQ(::write(fd.get(), "later\n", 6), 6);
    turn();
    const std::string answer(3 << 20, 'x');
    later_(answer);
    std::string text;
    for (int i = 0; i < 10'000 && text.size() <= answer.size(); ++i) {
        text += read_all(fd);
        loop_.run_once(std::chrono::milliseconds(0));
    }
    EXPECT_EQ(text, answer + "\n");
}

TEST_F(ControlServerTest, ARequestBeyondTheLimitIsCutOff) {
    const UniqueFd fd = client();
    const std::string most(MaxControlRequest, 'x');
    ASSERT_EQ(::write(fd.get(), most.data(), most.size()), static_cast<ssize_t>(most.size()));
    turn();
    EXPECT_FALSE(is_closed(fd)) << "at the limit";
    ASSERT_EQ(::write(fd.get(), "y", 1), 1);
    turn();
    EXPECT_TRUE(is_closed(fd)) << "one past it";
    EXPECT_TRUE(lines_.empty());
}

TEST_F(ControlServerTest, ConnectionsHaveALimit) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < MaxControlConnections; ++i) clients.push_back(client());
    turn();
    EXPECT_FALSE(is_closed(clients.back())) << "at the limit";
    const UniqueFd beyond = client();
    turn();
    EXPECT_TRUE(is_closed(beyond)) << "one past it";
    clients.clear();
    turn();
    const UniqueFd again = client();
    turn();
    EXPECT_FALSE(is_closed(again));
}

}  // namespace
}  // namespace osmia::supervisor
