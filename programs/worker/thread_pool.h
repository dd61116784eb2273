/// \file
/// The worker's request threads: an I/O completion port in spirit. Threads take requests from a source and
/// work that the worker gives itself; few run at once, more are made only when those that there are all wait.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "worker/thread_factory.h"

namespace osmia::worker {

/// The most threads a worker makes for requests.
inline constexpr std::uint32_t DefaultMaxThreads = 256;
/// Threads that may sleep at once; a further idle thread ends.
inline constexpr std::uint32_t MaxSleepers = 64;

/// Where requests come from. All functions are called by pool threads, several at once.
class RequestSource {
public:
    virtual ~RequestSource() = default;
    /// Takes one request and runs it. False when there is none.
    virtual bool run_one() = 0;
    /// Sleeps as sleeper \a index (below MaxSleepers, one thread each) until something may have come or \a
    /// limit_ns passed. \a must_stay_awake is asked once more when the thread is visible as sleeping. False:
    /// nothing came.
    virtual bool sleep(std::uint32_t index, long long limit_ns,
                       const std::function<bool()>& must_stay_awake) = 0;
    /// Wakes one sleeper; false when there is none.
    virtual bool wake_one() = 0;
    /// Tells how many threads take from this source.
    virtual void set_thread_count(std::uint32_t) {}
};

/// The pool. Starts with no thread; the first work makes one. Thread-safe.
class ThreadPool {
public:
    explicit ThreadPool(ThreadFactory& threads, std::uint32_t max_threads = DefaultMaxThreads);
    /// Stops and waits for the threads.
    ~ThreadPool();

    /// Requests come from here on from \a source, and no longer from the one before. Null: from nowhere.
    void set_source(std::shared_ptr<RequestSource> source);
    /// Runs \a work on a pool thread; never on the caller's stack. After stop() it is dropped.
    void post(std::function<void()> work);
    /// Says that work waits and every thread seems to be blocked: one more thread is made, up to the limit.
    void grow();
    /// Work that was posted and not begun: when it does not shrink, grow().
    std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
    /// Counts work items begun, for telling a stall from progress.
    std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
    std::uint32_t thread_count() const { return thread_count_.load(std::memory_order_relaxed); }

    /// Ends the threads once the posted work is done. Blocks; not for pool threads.
    void stop();

private:
    void run();
    bool run_posted();
    bool sleep_once();
    bool take_sleeper_index(std::uint32_t& index);
    std::shared_ptr<RequestSource> source() const;
    void thread_ended();

    ThreadFactory& threads_;
    const std::uint32_t max_threads_;
    const std::uint32_t free_threads_;  ///< so many are made without waiting for a stall

    mutable std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
    std::shared_ptr<RequestSource> source_;
    std::vector<bool> sleepers_ = std::vector<bool>(MaxSleepers);
    std::shared_ptr<RequestSource> idle_source_;

    std::atomic<std::uint64_t> source_version_ = 0;
    std::atomic<std::size_t> waiting_ = 0;
    std::atomic<std::uint64_t> begun_ = 0;
    std::atomic<std::uint32_t> thread_count_ = 0;
    std::atomic<bool> stopping_ = false;
};

}  // namespace osmia::worker
