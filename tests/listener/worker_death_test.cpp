// What becomes of requests when their worker dies, by the rules of docs/life-of-a-request.md.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "support/listener_fixture.h"

namespace osmia::testing {
namespace {

constexpr std::string_view Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";

std::string status_of(const std::string& response) { return response.size() < 12 ? "" : response.substr(9, 3); }

[[noreturn]] void die_by_own_fault(FakeWorker& worker) {
    worker.end().report_death(wire::DeathCause::Signal);
    ::raise(SIGKILL);
    std::abort();
}

TEST(WorkerDeath, ARequestNotYetTakenWaitsForTheNextWorkerWhateverItsMethod) {
    ListenerProcess listener;
    const pid_t pid = listener.fork_worker(1, 1, [](FakeWorker&) { ::pause(); });
    Client client(listener.port());
    client.send(Post);
    wire::ListenerCounters counters;
    do {
        listener.send(wire::QueryCounters{1});
        counters = listener.expect<wire::ListenerCounters>();
    } while (counters.workers.empty() || counters.workers[0].active == 0);
    ::kill(pid, SIGKILL);
    auto worker = listener.add_worker(2, 1);
    const auto slot = worker->next();
    ASSERT_TRUE(slot.has_value());
    worker->answer(*slot, "second");
    EXPECT_EQ(body_of(client.read_response()), "second");
}

TEST(WorkerDeath, ATakenGetIsRepeatedAndAPostIsNot) {
    ListenerProcess listener;
    listener.fork_worker(1, 1, [](FakeWorker& worker) {
        const auto a = worker.next(), b = worker.next();
        worker.end().mark_begun(*a);
        worker.end().mark_begun(*b);
        ::raise(SIGKILL);
    });
    Client get(listener.port()), post(listener.port());
    get.send(Get);
    post.send(Post);
    EXPECT_EQ(status_of(post.read_response()), "502");
    auto worker = listener.add_worker(2, 1);
    worker->answer(*worker->next(), "again");
    EXPECT_EQ(body_of(get.read_response()), "again");
}

TEST(WorkerDeath, ACompleteAnswerInTheRegionIsDelivered) {
    ListenerProcess listener;
    listener.fork_worker(1, 1, [](FakeWorker& worker) {
        worker.answer(*worker.next(), "said before dying");
        ::raise(SIGKILL);
    });
    Client client(listener.port());
    client.send(Post);
    EXPECT_EQ(body_of(client.read_response()), "said before dying");
}

TEST(WorkerDeath, AnAnswerThatHadBegunIsCut) {
    ListenerProcess listener;
    listener.fork_worker(1, 1, [](FakeWorker& worker) {
        const auto slot = *worker.next();
        worker.head(slot, 100);
        worker.write(slot, wire::RecordKind::Body, "beginning");
        worker.end().publish(slot);
        ::usleep(50'000);
        ::raise(SIGKILL);
    });
    Client client(listener.port());
    client.send(Get);
    const auto all = client.read_to_end();
    EXPECT_TRUE(all.ends_with("beginning"));
    EXPECT_EQ(all.find("HTTP/1.1", 5), std::string::npos) << "never two answers to one request";
}

TEST(WorkerDeath, TheWorkersOwnFaultCostsATryAndTwoTriesAreAllThereAre) {
    ListenerProcess listener;
    Client client(listener.port());
    client.send(Get);
    for (std::uint64_t id = 1; id <= 2; ++id) {
        listener.fork_worker(id, 1, [](FakeWorker& worker) {
            worker.end().mark_begun(*worker.next());
            die_by_own_fault(worker);
        });
    }
    EXPECT_EQ(status_of(client.read_response()), "502");
}

TEST(WorkerDeath, DeathsFromOutsideCostNoTry) {
    ListenerProcess listener;
    Client client(listener.port());
    client.send(Get);
    for (std::uint64_t id = 1; id <= 10; ++id) {
        const pid_t pid = listener.fork_worker(id, 1, [](FakeWorker& worker) {
            worker.end().mark_begun(*worker.next());
            ::raise(SIGKILL);
        });
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
    }
    auto worker = listener.add_worker(99, 1);
    worker->answer(*worker->next(), "at last");
    EXPECT_EQ(body_of(client.read_response()), "at last");
}

TEST(WorkerDeath, AScribblerThatLivesOnLosesItsChannel) {
    ListenerProcess listener;
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Post);
    const auto slot = *worker->next();
    worker->write(slot, wire::RecordKind::Body, "a body before any head");
    worker->end().publish(slot);
    EXPECT_EQ(listener.expect<wire::ChannelBroken>().worker_id, 1u);
    EXPECT_EQ(status_of(client.read_response()), "502");
}

/// Writes over the memory that this process shares with another one (of each mapping its beginning, where the slots in
/// use are): random bytes, or zeros as in a ring from which nothing was ever taken.
void scribble(bool zeros) {
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t first = 0, last = 0;
        char rights[5] = "";
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &first, &last, rights) != 3 || std::string_view(rights) != "rw-s") continue;
        constexpr std::uintptr_t Beginning = 4 << 20;
        last = std::min(last, first + Beginning);
        for (auto* at = reinterpret_cast<volatile char*>(first); at < reinterpret_cast<volatile char*>(last); ++at) {
            *at = zeros ? '\0' : static_cast<char>(std::rand());
        }
    }
}

class Scribbler : public ::testing::TestWithParam<bool> {};

TEST_P(Scribbler, DoesNotGetAPostTwice) {
    ListenerProcess listener;
    listener.fork_worker(1, 1, [](FakeWorker& worker) {
        worker.next();
        scribble(GetParam());
        ::raise(SIGKILL);
    });
    Client client(listener.port());
    client.send(Post);
    EXPECT_EQ(status_of(client.read_response()), "502");
}

TEST_P(Scribbler, GetsAGetTwiceAtMost) {
    ListenerProcess listener;
    Client client(listener.port());
    client.send(Get);
    for (std::uint64_t id = 1; id <= 2; ++id) {
        listener.fork_worker(id, 1, [](FakeWorker& worker) {
            worker.next();
            scribble(GetParam());
            worker.end().report_death(wire::DeathCause::Signal);
            ::raise(SIGKILL);
        });
    }
    EXPECT_EQ(status_of(client.read_response()), "502");
}

INSTANTIATE_TEST_SUITE_P(RandomBytesOrZeros, Scribbler, ::testing::Bool());

TEST(WorkerDeath, AWorkerThatDoesNotAnswerTheNoopIsReportedStuck) {
    wire::ListenerLimits limits;
    limits.stuck_ms = 500;
    ListenerProcess listener(limits);
    auto worker = listener.add_worker(1, 1);
    Client client(listener.port());
    client.send(Get);
    ASSERT_TRUE(worker->next().has_value());
    EXPECT_EQ(listener.expect<wire::WorkerStuck>().worker_id, 1u);
}

TEST(WorkerDeath, AnotherPoolIsNotTouched) {
    ListenerProcess listener;
    auto bystander = listener.add_worker(2, 2);
    Client other(listener.port());
    other.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto slot = *bystander->next();
    listener.fork_worker(1, 1, [](FakeWorker& worker) {
        worker.next();
        ::raise(SIGKILL);
    });
    Client client(listener.port());
    client.send(Post);
    EXPECT_EQ(status_of(client.read_response()), "502");
    bystander->answer(slot, "calm");
    EXPECT_EQ(body_of(other.read_response()), "calm");
}

}  // namespace
}  // namespace osmia::testing
