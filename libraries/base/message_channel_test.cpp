#include "base/message_channel.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace osmia {
namespace {

using std::chrono::milliseconds;

std::vector<std::byte> bytes_of(std::string_view text) {
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

std::string text_of(const ReceivedMessage& message) {
    return {reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size()};
}

class Channel : public testing::Test {
protected:
    void SetUp() override {
        auto pair = make_message_pair().value();
        peer_ = std::move(pair.second);
        ours_ = std::move(pair.first);
    }
    std::unique_ptr<MessageChannel> channel(std::size_t limit = MaxQueuedMessageBytes) {
        return std::make_unique<MessageChannel>(
            loop_, std::move(ours_), [this](ReceivedMessage message) { received_.push_back(text_of(message)); },
            [this](const Error& error) { closed_.push_back(error.kind); }, limit);
    }
    void turn(int times = 3) {
        for (int i = 0; i < times; ++i) loop_.run_once(milliseconds(0));
    }

    EventLoop loop_;
    UniqueFd peer_, ours_;
    std::vector<std::string> received_;
    std::vector<ErrorKind> closed_;
};

TEST_F(Channel, DeliversEveryMessageAndThenTheEnd) {
    auto one = channel();
    ASSERT_TRUE(send_message(peer_, bytes_of("a")).ok());
    ASSERT_TRUE(send_message(peer_, bytes_of("b")).ok());
    peer_.reset();
    turn();
    EXPECT_EQ(received_, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(closed_, std::vector{ErrorKind::Closed});
}

TEST_F(Channel, KeepsOrderAndDescriptorsWhileThePeerDoesNotRead) {
    auto one = channel();
    const std::string filler(60'000, 'x');
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const UniqueFd read_end(pipe_ends[0]);
    UniqueFd write_end(pipe_ends[1]);
    int sent = 0;
    for (; one->flushed() && sent < 10'000; ++sent) one->send(bytes_of(filler));
    ASSERT_FALSE(one->flushed());
    const int fd = write_end.get();
    one->send(bytes_of("last"), std::span(&fd, 1));
    write_end.reset();

    int messages = 0;
    std::vector<UniqueFd> fds;
    for (int i = 0; i < 20'000 && fds.empty(); ++i) {
        auto message = receive_message(peer_);
        if (!message.ok()) {
            turn(1);
            continue;
        }
        ++messages;
        fds = std::move(message.value().fds);
    }
    EXPECT_EQ(messages, sent + 1);
    ASSERT_EQ(fds.size(), 1u);
    EXPECT_EQ(::write(fds[0].get(), "!", 1), 1);
    EXPECT_TRUE(one->flushed());
}

TEST_F(Channel, APeerBeyondTheQueueLimitIsGone) {
    auto one = channel(100'000);
    const std::string filler(60'000, 'x');
    while (one->flushed()) one->send(bytes_of(filler));
    turn();
    EXPECT_TRUE(closed_.empty()) << "one queued message is within the limit";
    one->send(bytes_of(filler));
    EXPECT_TRUE(closed_.empty()) << "never from within send";
    turn();
    EXPECT_EQ(closed_, std::vector{ErrorKind::Busy});
}

TEST_F(Channel, ReadsWhatAGonePeerWroteBeforeSendingFails) {
    auto one = channel();
    ASSERT_TRUE(send_message(peer_, bytes_of("farewell")).ok());
    peer_.reset();
    one->send(bytes_of("anyone?"));
    turn();
    EXPECT_EQ(received_, std::vector<std::string>{"farewell"});
    EXPECT_EQ(closed_.size(), 1u);
}

TEST_F(Channel, MayBeDestroyedByItsOwnCallback) {
    std::unique_ptr<MessageChannel> one;
    one = std::make_unique<MessageChannel>(loop_, std::move(ours_), [&](ReceivedMessage) { one.reset(); }, [](const Error&) {});
    ASSERT_TRUE(send_message(peer_, bytes_of("a")).ok());
    ASSERT_TRUE(send_message(peer_, bytes_of("b")).ok());
    turn();
    EXPECT_EQ(one, nullptr);
}

}  // namespace
}  // namespace osmia
