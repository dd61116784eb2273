#include "worker/thread_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <semaphore>
#include <thread>

namespace osmia::worker {
namespace {

class CountedThreads : public ThreadFactory {
public:
    Result<void> start(const std::string&, std::function<void()> body) override {
        if (refuse) return make_error(ErrorKind::System, "no more threads");
        ++started;
        std::thread(std::move(body)).detach();
        return {};
    }
    std::atomic<int> started = 0;
    std::atomic<bool> refuse = false;
};

TEST(ThreadPool, RunsPostedWorkOnAnotherThread) {
    CountedThreads threads;
    ThreadPool pool(threads);
    std::promise<std::thread::id> ran;
    pool.post([&] { ran.set_value(std::this_thread::get_id()); });
    EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(ThreadPool, StartsWithoutThreads) {
    CountedThreads threads;
    const ThreadPool pool(threads);
    EXPECT_EQ(threads.started, 0);
}

TEST(ThreadPool, RunsAllThatWasPostedBeforeItStops) {
    CountedThreads threads;
    std::atomic<int> count = 0;
    {
        ThreadPool pool(threads);
        for (int i = 0; i < 1000; ++i) pool.post([&] { ++count; });
        pool.stop();
    }
    EXPECT_EQ(count, 1000);
}

TEST(ThreadPool, GrowsToItsLimitAndNotBeyond) {
    CountedThreads threads;
    ThreadPool pool(threads, 3);
    std::counting_semaphore<> release(0), blocked(0);
    for (int i = 0; i < 4; ++i) {
        pool.post([&] {
            blocked.release();
            release.acquire();
        });
        pool.grow();
    }
    for (int i = 0; i < 3; ++i) blocked.acquire();
    pool.grow();
    EXPECT_EQ(pool.thread_count(), 3u);
    EXPECT_EQ(pool.waiting(), 1u) << "the fourth waits for a thread";
    release.release(4);
    pool.stop();
    EXPECT_EQ(threads.started, 3);
}

TEST(ThreadPool, GoesOnWithTheThreadsItHasWhenThereAreNoMore) {
    CountedThreads threads;
    ThreadPool pool(threads);
    std::promise<void> first;
    pool.post([&] { first.set_value(); });
    first.get_future().wait();
    threads.refuse = true;
    for (int i = 0; i < 10; ++i) pool.grow();
    std::promise<void> second;
    pool.post([&] { second.set_value(); });
    second.get_future().wait();
}

/// Hands out a number of requests and counts them.
class CountedSource : public RequestSource {
public:
    bool run_one() override {
        int left = available.load();
        while (left > 0) {
            if (available.compare_exchange_weak(left, left - 1)) {
                ++served;
                return true;
            }
        }
        return false;
    }
    bool sleep(std::uint32_t, long long, const std::function<bool()>& must_stay_awake) override {
        std::unique_lock lock(mutex);
        if (must_stay_awake() || available > 0) return true;
        ++sleeping;
        changed.notify_all();
        changed.wait(lock, [&] { return wakes > 0; });
        --wakes;
        --sleeping;
        return true;
    }
    bool wake_one() override {
        const std::lock_guard lock(mutex);
        if (wakes >= sleeping) return false;
        ++wakes;
        changed.notify_all();
        return true;
    }
    void wait_until_sleeping() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return sleeping > 0; });
    }
    std::atomic<int> available = 0, served = 0;
    std::mutex mutex;
    std::condition_variable changed;
    int sleeping = 0, wakes = 0;
};

TEST(ThreadPool, TakesRequestsAndWorkWhileSleepingOnTheSource) {
    CountedThreads threads;
    ThreadPool pool(threads);
    const auto source = std::make_shared<CountedSource>();
    source->available = 100;
    pool.set_source(source);
    source->wait_until_sleeping();
    EXPECT_EQ(source->served, 100);
    std::promise<void> ran;
    pool.post([&] { ran.set_value(); });
    ran.get_future().wait();
}

TEST(ThreadPool, LeavesAnOldSourceForANewOne) {
    CountedThreads threads;
    ThreadPool pool(threads);
    const auto first = std::make_shared<CountedSource>(), second = std::make_shared<CountedSource>();
    pool.set_source(first);
    first->wait_until_sleeping();
    second->available = 10;
    pool.set_source(second);
    second->wait_until_sleeping();
    EXPECT_EQ(second->served, 10);
    pool.stop();
}

}  // namespace
}  // namespace osmia::worker
