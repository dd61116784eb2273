#include "worker/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace osmia::worker {

namespace {

/// An idle thread beyond the first ends after this long.
constexpr long long IdleLimitNs = 60'000'000'000;

/// The source of a pool that has none: sleeps on a condition variable.
class NoRequests final : public RequestSource {
public:
    bool run_one() override { return false; }
    bool sleep(std::uint32_t, long long limit_ns, const std::function<bool()>& must_stay_awake) override {
        std::unique_lock lock(mutex_);
        if (must_stay_awake()) return true;
        ++sleepers_;
        const bool woken =
            changed_.wait_for(lock, std::chrono::nanoseconds(limit_ns), [this] { return wakes_ > 0; });
        --sleepers_;
        if (woken) --wakes_;
        return woken;
    }
    bool wake_one() override {
        const std::lock_guard lock(mutex_);
        if (wakes_ >= sleepers_) return false;
        ++wakes_;
        changed_.notify_one();
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned sleepers_ = 0;
    unsigned wakes_ = 0;
};

}  // namespace

ThreadPool::ThreadPool(ThreadFactory& threads, std::uint32_t max_threads)
    : threads_(threads),
      max_threads_(max_threads),
      free_threads_(std::min(max_threads, 2 * std::max(1u, std::thread::hardware_concurrency()))),
      idle_source_(std::make_shared<NoRequests>()) {
    source_ = idle_source_;
}

ThreadPool::~ThreadPool() {
    stop();
}

std::shared_ptr<RequestSource> ThreadPool::source() const {
    const std::lock_guard lock(mutex_);
    return source_;
}

void ThreadPool::set_source(std::shared_ptr<RequestSource> source) {
    std::shared_ptr<RequestSource> old;
    {
        const std::lock_guard lock(mutex_);
        old = std::exchange(source_, source ? std::move(source) : idle_source_);
        source_version_.fetch_add(1);
        source_->set_thread_count(thread_count_);
    }
    while (old->wake_one()) {
    }
    if (thread_count_ == 0) grow();
}

void ThreadPool::post(std::function<void()> work) {
    if (stopping_) return;
    std::shared_ptr<RequestSource> source;
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
        waiting_.fetch_add(1, std::memory_order_seq_cst);
        source = source_;
    }
    if (!source->wake_one() && thread_count_ < free_threads_) grow();
}

void ThreadPool::grow() {
    std::uint32_t count = thread_count_.load();
    do {
        if (count >= max_threads_ || stopping_) return;
    } while (!thread_count_.compare_exchange_weak(count, count + 1));
    const auto started = threads_.start("osmia-request", [this] { run(); });
    if (!started.ok()) return thread_ended();
    const std::lock_guard lock(mutex_);
    source_->set_thread_count(thread_count_);
}

void ThreadPool::thread_ended() {
    const std::lock_guard lock(mutex_);
    --thread_count_;
    source_->set_thread_count(thread_count_);
    changed_.notify_all();
}

bool ThreadPool::run_posted() {
    if (waiting_.load(std::memory_order_seq_cst) == 0) return false;
    std::function<void()> work;
    {
        const std::lock_guard lock(mutex_);
        if (work_.empty()) return false;
        work = std::move(work_.front());
        work_.pop_front();
        waiting_.fetch_sub(1);
    }
    begun_.fetch_add(1, std::memory_order_relaxed);
    work();
    return true;
}

void ThreadPool::run() {
    std::uint64_t version = source_version_;
    std::shared_ptr<RequestSource> current = source();
    for (;;) {
        if (run_posted()) continue;
        if (version != source_version_) {
            version = source_version_;
            current = source();
        }
        if (current->run_one()) {
            begun_.fetch_add(1, std::memory_order_relaxed);
            continue;
        }
        if (stopping_) break;
        if (!sleep_once()) break;
    }
    thread_ended();
}

bool ThreadPool::take_sleeper_index(std::uint32_t& index) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find(sleepers_.begin(), sleepers_.end(), false);
    if (found == sleepers_.end()) return false;
    *found = true;
    index = static_cast<std::uint32_t>(found - sleepers_.begin());
    return true;
}

// False: this thread is one too many.
bool ThreadPool::sleep_once() {
    std::uint32_t index = 0;
    if (!take_sleeper_index(index)) return false;
    const std::uint64_t version = source_version_;
    const std::shared_ptr<RequestSource> current = source();
    const bool woken = current->sleep(index, IdleLimitNs, [&] {
        return waiting_.load(std::memory_order_seq_cst) != 0 || stopping_ || version != source_version_;
    });
    {
        const std::lock_guard lock(mutex_);
        sleepers_[index] = false;
    }
    return woken || index == 0 || waiting_ != 0 || stopping_ || version != source_version_;
}

void ThreadPool::stop() {
    stopping_ = true;
    std::unique_lock lock(mutex_);
    while (thread_count_ != 0) {
        const auto source = source_;
        lock.unlock();
        while (source->wake_one()) {
        }
        lock.lock();
        changed_.wait_for(lock, std::chrono::milliseconds(10), [this] { return thread_count_ == 0; });
    }
}

}  // namespace osmia::worker
