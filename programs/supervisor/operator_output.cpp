#include "supervisor/operator_output.h"

#include <fmt/format.h>
#include <poll.h>
#include <time.h>

#include <climits>

namespace osmia::supervisor {

namespace {

// A pipe with POLLOUT has room for PIPE_BUF bytes, so a write of at most that never waits. O_NONBLOCK would be shared
// with everybody else who holds the terminal.
bool write_without_waiting(int fd, std::string_view text) {
    while (!text.empty()) {
        pollfd ready{fd, POLLOUT, 0};
        if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
        const ssize_t size = ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (size <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

void OperatorOutput::write(Target& target, std::string_view line) {
    std::string text = target.lost == 0 ? std::string() : fmt::format("({} lines lost: nobody read them)\n", target.lost);
    text.append(line);
    text += '\n';
    if (write_without_waiting(target.fd, text)) {
        target.lost = 0;
    } else {
        ++target.lost;
    }
}

std::string time_of_day() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm parts{};
    ::localtime_r(&now.tv_sec, &parts);
    return fmt::format("{:02}:{:02}:{:02}.{:03}", parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
}

}  // namespace osmia::supervisor
