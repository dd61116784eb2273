#include "fast_cgi/application.h"

#include <sys/stat.h>

#include <algorithm>

namespace fast_cgi {

namespace {

/// How often the monitored file is looked at, at most.
constexpr std::chrono::seconds LookInterval{1};
constexpr std::chrono::minutes FailureWindow{1};

timespec modification_time(const std::string& file) {
    struct stat facts {};
    return ::stat(file.c_str(), &facts) == 0 ? facts.st_mtim : timespec{};
}

}  // namespace

Application::Application(ApplicationSettings settings) : settings_(std::move(settings)) {
    if (!settings_.monitored_file.empty()) monitored_ = modification_time(settings_.monitored_file);
    keeper_ = std::thread([this] { keep(); });
}

Application::~Application() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    keeper_.join();
}

unsigned Application::instances() const {
    const std::lock_guard lock(mutex_);
    return leased_ + static_cast<unsigned>(idle_.size());
}

Application::Answer Application::acquire(Waiter& waiter, Lease& lease) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (is_offline(now)) return Answer::Offline;
    look_at_monitored_file(now);
    while (!idle_.empty()) {
        auto instance = std::move(idle_.back());
        idle_.pop_back();
        if (is_spent(*instance) || instance->has_ended()) {
            retire(std::move(instance), now);
            continue;
        }
        ++leased_;
        lease = {std::move(instance), true};
        return Answer::Granted;
    }
    if (leased_ < settings_.max_instances) {
        ++leased_;
        lease = {nullptr, true};
        return Answer::Granted;
    }
    if (waiting_.size() >= settings_.queue_length) return Answer::QueueFull;
    waiting_.push_back(&waiter);
    return Answer::Queued;
}

std::unique_ptr<Instance> Application::start(std::string& error) {
    unsigned generation = 0;
    {
        const std::lock_guard lock(mutex_);
        generation = generation_;
    }
    return Instance::start(settings_, generation, error);
}

void Application::release(Lease lease, bool failed) {
    const auto now = Clock::now();
    Waiter* next = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (failed) note_failure(now);
        if (lease.instance != nullptr) {
            ++lease.instance->requests;
            lease.instance->idle_since = now;
            // What failed is not asked to end: it has shown that it does not listen.
            if (failed) {
                dying_.push_back({std::move(lease.instance), now});
                changed_.notify_all();
            } else if (is_spent(*lease.instance)) {
                retire(std::move(lease.instance), now);
            }
        }
        if (!waiting_.empty()) {
            next = waiting_.front();
            waiting_.pop_front();
        } else {
            --leased_;
            if (lease.instance != nullptr) idle_.push_back(std::move(lease.instance));
            changed_.notify_all();
        }
    }
    if (next != nullptr) next->grant(std::move(lease));
}

bool Application::is_spent(const Instance& instance) const {
    return instance.requests >= settings_.max_requests_per_instance || instance.generation != generation_;
}

bool Application::is_offline(Clock::time_point now) {
    while (!failures_.empty() && now - failures_.front() > FailureWindow) failures_.pop_front();
    return settings_.rapid_fails_per_minute != 0 && failures_.size() >= settings_.rapid_fails_per_minute;
}

void Application::note_failure(Clock::time_point now) {
    failures_.push_back(now);
    while (failures_.size() > std::max(1U, settings_.rapid_fails_per_minute)) failures_.pop_front();
}

void Application::look_at_monitored_file(Clock::time_point now) {
    if (settings_.monitored_file.empty() || now < next_look_) return;
    next_look_ = now + LookInterval;
    const timespec time = modification_time(settings_.monitored_file);
    if (time.tv_sec == monitored_.tv_sec && time.tv_nsec == monitored_.tv_nsec) return;
    monitored_ = time;
    ++generation_;
}

// Called with the lock held; the keeper does what takes time.
void Application::retire(std::unique_ptr<Instance> instance, Clock::time_point now) {
    if (settings_.signal_before_terminate.count() > 0) instance->ask_to_end();
    dying_.push_back({std::move(instance), now + settings_.signal_before_terminate});
    changed_.notify_all();
}

void Application::keep() {
    std::unique_lock lock(mutex_);
    while (!ends_) {
        const auto now = Clock::now();
        auto wake = Clock::time_point::max();
        for (auto& instance : idle_) {
            if (now - instance->idle_since >= settings_.idle_timeout || instance->has_ended())
                retire(std::move(instance), now);
            else
                wake = std::min(wake, instance->idle_since + settings_.idle_timeout);
        }
        std::erase(idle_, nullptr);
        std::vector<std::unique_ptr<Instance>> ended;
        for (Dying& dying : dying_) {
            if (now >= dying.deadline || dying.instance->has_ended())
                ended.push_back(std::move(dying.instance));
            else
                wake = std::min({wake, dying.deadline, now + std::chrono::milliseconds(100)});
        }
        std::erase_if(dying_, [](const Dying& dying) { return dying.instance == nullptr; });
        if (!ended.empty()) {
            lock.unlock();
            ended.clear();
            lock.lock();
        } else if (wake == Clock::time_point::max()) {
            changed_.wait(lock);
        } else {
            changed_.wait_until(lock, wake);
        }
    }
    auto idle = std::move(idle_);
    auto dying = std::move(dying_);
    lock.unlock();
}

}  // namespace fast_cgi
