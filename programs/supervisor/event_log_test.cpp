#include "supervisor/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.h"

namespace osmia::supervisor {
namespace {

class EventLogTest : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(file_); }
    std::string file_ = testing::TempDir() + "osmia-events-" + std::to_string(::getpid());
};

TEST_F(EventLogTest, AnotherSupervisorKnowsTheEventsOfTheOneBefore) {
    EventLog(file_, "/nonexistent").add(EventNumber::RapidFail, "shop", 12, "stopped");
    const auto events = EventLog(file_, "/nonexistent").list();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["event"], 5002);
    EXPECT_EQ(events[0]["level"], "error");
    EXPECT_EQ(events[0]["pool"], "shop");
    EXPECT_EQ(events[0]["pid"], 12);
    EXPECT_EQ(events[0]["text"], "stopped");
}

TEST_F(EventLogTest, KeepsTheLastOnesInMemoryAndInABoundedFile) {
    EventLog log(file_, "/nonexistent");
    for (std::size_t i = 0; i < 3 * MaxEvents; ++i) log.add(EventNumber::RecycleTime, "p", static_cast<std::uint32_t>(i), "x");
    ASSERT_EQ(log.list().size(), MaxEvents);
    EXPECT_EQ(log.list()[0]["pid"], 2 * MaxEvents);
    std::ifstream file(file_);
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    EXPECT_LE(lines, 2 * MaxEvents);
    EXPECT_EQ(EventLog(file_, "/nonexistent").list(), log.list());
}

TEST_F(EventLogTest, ALineThatIsNoEventIsLeftOut) {
    std::ofstream(file_) << "nonsense\n{\"a\":1}\n[]\n";
    EXPECT_TRUE(EventLog(file_, "/nonexistent").list().empty());
}

TEST_F(EventLogTest, GoesToSyslogWithItsSeverity) {
    const std::string path = file_ + ".socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EventLog(file_, path).add(EventNumber::WorkerCrashed, "shop", 12, "died\nof it");
    char text[512] = {};
    ASSERT_GT(::recv(socket.get(), text, sizeof text - 1, MSG_DONTWAIT), 0);
    EXPECT_THAT(text, testing::MatchesRegex("<28>[A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]+ osmia.[0-9]+.: event 5011, pool shop, worker 12: died.of it"));
    EXPECT_EQ(std::string(text).find('\n'), std::string::npos);
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace osmia::supervisor
