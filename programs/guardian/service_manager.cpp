#include "guardian/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"

namespace osmia::guardian {

namespace {

std::string text_of(wire::ServerPhase phase) {
    switch (phase) {
        case wire::ServerPhase::Ready: return "READY=1\nSTATUS=Serving";
        case wire::ServerPhase::Stopping: return "STOPPING=1\nSTATUS=Draining";
        case wire::ServerPhase::Reloading: break;
    }
    // Units of Type=notify-reload ask for the time at which the reload began.
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=Reloading", now.tv_sec * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
    const char* socket = ::getenv("NOTIFY_SOCKET");
    ServiceManager manager(socket == nullptr ? "" : socket);
    ::unsetenv("NOTIFY_SOCKET");
    return manager;
}

void ServiceManager::tell(wire::ServerPhase phase) const {
    sockaddr_un address{};
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_[0] == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const std::string text = text_of(phase);
    [[maybe_unused]] const auto sent =
        ::sendto(fd.get(), text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace osmia::guardian
