#include "worker/death.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "wire/worker_end.h"
#include "worker/crash_note.h"

namespace osmia::worker {

namespace {

constexpr std::size_t SignalStackBytes = 32 * 1024;

std::array<std::atomic<wire::WorkerEnd*>, MaxReportedChannels> g_channels{};
std::atomic<bool> g_reported = false;
std::atomic<bool> g_exit_expected = false;
const char* g_pool = "";
thread_local std::array<char, 33> t_request_id{};
const char* g_cause = "";  // why we end ourselves
std::atomic<bool> g_note_wanted = false;
constexpr int PatienceWithTheGuiltyMs = 1000;
pid_t g_worker = -1;

// Async-signal-safe from here on: no allocation, no stdio.

// A child that an extension forked has the handlers and the channels too; its end is none of the listener's business.
bool is_the_worker() { return ::getpid() == g_worker; }

void report(wire::DeathCause cause) {
    for (auto& channel : g_channels) {
        if (wire::WorkerEnd* end = channel.load(std::memory_order_acquire)) end->report_death(cause);
    }
}

class Line {
public:
    Line& add(const char* text) {
        while (*text != '\0' && size_ < sizeof text_ - 1) text_[size_++] = *text++;
        return *this;
    }
    Line& add(long number) {
        char digits[24];
        std::size_t at = sizeof digits;
        unsigned long rest =
            number < 0 ? 0ul - static_cast<unsigned long>(number) : static_cast<unsigned long>(number);
        digits[--at] = '\0';
        do digits[--at] = static_cast<char>('0' + rest % 10);
        while ((rest /= 10) != 0);
        if (number < 0) add("-");
        return add(digits + at);
    }
    Line& add_request() { return t_request_id[0] == '\0' ? *this : add(" over request ").add(t_request_id.data()); }
    void write() {
        text_[size_++] = '\n';
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text_, size_);
    }

private:
    char text_[512];
    std::size_t size_ = 0;
};

void on_signal(int number, siginfo_t* info, void*) {
    // A second fault inside the first one's handling must not repeat it.
    if (is_the_worker() && g_note_wanted.exchange(false)) {
        write_crash_note({number, info->si_code, 0, t_request_id.data(), g_cause});
    } else if (is_the_worker() && !g_reported.exchange(true)) {
        report(wire::DeathCause::Signal);
        const char* const name = ::sigabbrev_np(number);
        Line line;
        line.add("osmia-worker ")
            .add(g_pool)
            .add(": dies of SIG")
            .add(name == nullptr ? "?" : name)
            .add(" in thread ")
            .add(::gettid());
        if (number == SIGSEGV || number == SIGBUS) {
            line.add(" at address ").add(static_cast<long>(reinterpret_cast<std::intptr_t>(info->si_addr)));
        }
        line.add_request().write();
        const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
        write_crash_note({number, info->si_code, number == SIGSEGV || number == SIGBUS ? address : 0, t_request_id.data(), g_cause});
    }
    ::signal(number, SIG_DFL);
    // A fault repeats by itself on return; a signal that was sent must be sent again.
    if (info->si_code <= 0 || number == SIGABRT) ::raise(number);
}

void report_exit(const char* what) {
    if (g_exit_expected || !is_the_worker() || g_reported.exchange(true)) return;
    report(wire::DeathCause::Exit);
    Line().add("osmia-worker ").add(g_pool).add(": an extension called ").add(what).add_request().write();
    static thread_local char cause[64] = "it called ";
    std::strncat(cause, what, sizeof cause - std::strlen(cause) - 1);
    write_crash_note({0, 0, 0, t_request_id.data(), cause});
}

void on_exit_called() { report_exit("exit()"); }

}  // namespace

AlternateStack::AlternateStack() {
    memory_ = ::mmap(nullptr, SignalStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory_ == MAP_FAILED) {
        memory_ = nullptr;
        return;
    }
    stack_t stack{};
    stack.ss_sp = memory_;
    stack.ss_size = SignalStackBytes;
    ::sigaltstack(&stack, nullptr);
}

AlternateStack::~AlternateStack() {
    if (memory_ == nullptr) return;
    stack_t stack{};
    stack.ss_flags = SS_DISABLE;
    ::sigaltstack(&stack, nullptr);
    ::munmap(memory_, SignalStackBytes);
}

void install_death_handlers(const char* pool) {
    g_pool = pool;
    g_worker = ::getpid();
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigfillset(&action.sa_mask);
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) ::sigaction(number, &action, nullptr);
    std::atexit(on_exit_called);
}

RequestOnThread::RequestOnThread(std::string_view request_id) {
    const std::size_t size = request_id.copy(t_request_id.data(), t_request_id.size() - 1);
    t_request_id[size] = '\0';
}

RequestOnThread::~RequestOnThread() {
    t_request_id[0] = '\0';
}

void remember_channel(wire::WorkerEnd* end) {
    for (auto& channel : g_channels) {
        wire::WorkerEnd* empty = nullptr;
        if (channel.compare_exchange_strong(empty, end)) return;
    }
}

void forget_channel(wire::WorkerEnd* end) {
    for (auto& channel : g_channels) {
        wire::WorkerEnd* expected = end;
        channel.compare_exchange_strong(expected, nullptr);
    }
}

void expect_exit() {
    g_exit_expected = true;
}

void die_by_own_fault(const char* why, pid_t thread) {
    if (!g_reported.exchange(true)) {
        report(wire::DeathCause::Signal);
        Line().add("osmia-worker ").add(g_pool).add(": ").add(why).write();
        // The guilty thread tells where it is, and dies of it; one that does not hear is given up.
        g_cause = why;
        g_note_wanted = true;
        if (::syscall(SYS_tgkill, ::getpid(), thread, SIGABRT) == 0) ::poll(nullptr, 0, PatienceWithTheGuiltyMs);
    }
    ::signal(SIGABRT, SIG_DFL);
    ::abort();
}

}  // namespace osmia::worker

// Interposed: an extension's call is bound to these, which the program exports, and not to glibc's. Without them a worker
// that leaves by _exit() would look as if somebody had killed it, and its request would be repeated at no cost.
extern "C" {

[[noreturn]] void _exit(int status) {
    if (*osmia::worker::g_pool != '\0') osmia::worker::report_exit("_exit()");
    for (;;) ::syscall(SYS_exit_group, status);
}

[[noreturn]] void _Exit(int status) noexcept { _exit(status); }

}  // extern "C"
