#include "supervisor/systemd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"

namespace osmia::supervisor {

void notify_manager(std::string_view state) {
    const char* address = ::getenv("NOTIFY_SOCKET");
    if (address != nullptr) notify_manager_at(address, state);
}

bool notify_manager_at(const std::string& address, std::string_view state) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (address.empty() || (address[0] != '/' && address[0] != '@') || address.size() >= sizeof name.sun_path) return false;
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address[0] == '@') name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&name), size) ==
           static_cast<ssize_t>(state.size());
}

}  // namespace osmia::supervisor
