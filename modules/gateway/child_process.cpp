#include "gateway/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace gateway {

namespace {

constexpr int CannotExecute = 127;

struct Job {
    const SpawnRequest* request;
    char* const* arguments;
    char* const* environment;
    pid_t pid = -1;
    int error = 0;
};

// Between fork and exec: only calls that are safe there.
[[noreturn]] void become(const Job& job, pid_t parent, int report) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(CannotExecute);
    ::setpgid(0, 0);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    constexpr int OutOfTheWay = 100;
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const auto moved = [null](int fd) { return ::fcntl(fd < 0 ? null : fd, F_DUPFD_CLOEXEC, OutOfTheWay); };
    const int input = moved(job.request->input), output = moved(job.request->output);
    const int error = job.request->error < 0 ? -1 : moved(job.request->error);
    const int kept = ::fcntl(report, F_DUPFD_CLOEXEC, OutOfTheWay);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    if (error >= 0) ::dup2(error, STDERR_FILENO);
    ::close_range(3, static_cast<unsigned>(kept) - 1, 0);
    ::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
    if (::chdir(job.request->folder.c_str()) == 0) ::execve(job.request->program.c_str(), job.arguments, job.environment);
    const int reason = errno;
    [[maybe_unused]] const auto written = ::write(kept, &reason, sizeof reason);
    ::_exit(CannotExecute);
}

void start_job(Job& job) {
    int report[2];
    if (::pipe2(report, O_CLOEXEC) != 0) {
        job.error = errno;
        return;
    }
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(job, parent, report[1]);
    job.error = pid < 0 ? errno : 0;
    ::close(report[1]);
    int reason = 0;
    if (pid > 0 && ::read(report[0], &reason, sizeof reason) == static_cast<ssize_t>(sizeof reason)) {
        ::waitpid(pid, nullptr, 0);
        job.error = reason;
    } else {
        job.pid = pid;
    }
    ::close(report[0]);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

}  // namespace

/// The thread that makes a child and stays until it is to end.
class ChildProcess::Parent {
public:
    explicit Parent(Job& job) : thread_([this, &job] { run(job); }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return started_; });
    }
    ~Parent() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

private:
    void run(Job& job) {
        start_job(job);
        std::unique_lock lock(mutex_);
        started_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return ends_; });
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    bool started_ = false, ends_ = false;
    std::thread thread_;  // last: it uses the others
};

ChildProcess::ChildProcess(std::unique_ptr<Parent> parent, pid_t pid) : parent_(std::move(parent)), pid_(pid) {}

std::unique_ptr<ChildProcess> ChildProcess::start(const SpawnRequest& request) {
    std::vector<std::string> words{request.program}, settings;
    words.insert(words.end(), request.arguments.begin(), request.arguments.end());
    for (const auto& [name, value] : request.environment) settings.push_back(name + "=" + value);
    const std::vector<char*> arguments = pointers(words), environment = pointers(settings);
    Job job{&request, arguments.data(), environment.data()};
    auto parent = std::make_unique<Parent>(job);
    if (job.pid > 0) return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(parent), job.pid));
    parent.reset();
    errno = job.error;
    return nullptr;
}

ChildProcess::~ChildProcess() {
    if (!reaped_) ::kill(-pid_, SIGKILL);
    parent_.reset();
    if (reaped_) return;
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool ChildProcess::has_ended() {
    if (!reaped_ && ::waitpid(pid_, nullptr, WNOHANG) == pid_) reaped_ = true;
    return reaped_;
}

void ChildProcess::ask_to_end() {
    if (!reaped_) ::kill(pid_, SIGTERM);
}

std::vector<std::string> split_arguments(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, begun = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
            begun = true;
        } else if (c == ' ' && !quoted) {
            if (begun) words.push_back(word);
            word.clear();
            begun = false;
        } else {
            word += c;
            begun = true;
        }
    }
    if (begun) words.push_back(word);
    return words;
}

}  // namespace gateway
