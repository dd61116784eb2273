/// \file
/// The pool of one application's processes, and the queue before it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "fast_cgi/instance.h"

namespace fast_cgi {

class Application;

/// The right to use one instance for one request. Returned to the application by Application::release().
struct Lease {
    std::unique_ptr<Instance> instance;  ///< null: to be started, or the application is external
    bool granted = false;
};

/// Waits in the queue; called once, when its lease is there. The application does not own it.
class Waiter {
public:
    virtual void grant(Lease lease) = 0;

protected:
    ~Waiter() = default;
};

/// Thread-safe. Its end waits for no request: leases must have been returned.
class Application {
public:
    using Clock = std::chrono::steady_clock;
    enum class Answer { Granted, Queued, QueueFull, Offline };

    explicit Application(ApplicationSettings settings);
    ~Application();

    const ApplicationSettings& settings() const { return settings_; }
    /// A lease now, or later by \a waiter.
    Answer acquire(Waiter& waiter, Lease& lease);
    /// The process for a lease that has none. Null: \a error says why.
    std::unique_ptr<Instance> start(std::string& error);
    /// \a failed: the instance must not be used again, by its own fault.
    void release(Lease lease, bool failed);
    /// Instances that run or may be started now; for tests and counters.
    unsigned instances() const;

private:
    struct Dying {
        std::unique_ptr<Instance> instance;
        Clock::time_point deadline;
    };
    bool is_offline(Clock::time_point now);
    void note_failure(Clock::time_point now);
    void look_at_monitored_file(Clock::time_point now);
    bool is_spent(const Instance& instance) const;
    void retire(std::unique_ptr<Instance> instance, Clock::time_point now);
    void keep();

    const ApplicationSettings settings_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Instance>> idle_;  ///< the most recently used last
    std::deque<Waiter*> waiting_;
    std::vector<Dying> dying_;
    std::deque<Clock::time_point> failures_;
    unsigned leased_ = 0;
    unsigned generation_ = 0;
    timespec monitored_{};
    Clock::time_point next_look_{};
    bool ends_ = false;
    std::condition_variable changed_;
    std::thread keeper_;  ///< ends what has been idle too long
};

}  // namespace fast_cgi
