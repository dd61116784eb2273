#include "supervisor/listen_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace osmia::supervisor {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress> address_of(const PlannedSocket& planned) {
    SocketAddress address;
    if (!planned.unix_path.empty()) {
        auto& name = reinterpret_cast<sockaddr_un&>(address.storage);
        name.sun_family = AF_UNIX;
        if (planned.unix_path.size() >= sizeof name.sun_path) {
            return make_error(ErrorKind::Invalid, "{}: a unix socket's path has at most {} bytes", planned.unix_path, sizeof name.sun_path - 1);
        }
        std::memcpy(name.sun_path, planned.unix_path.data(), planned.unix_path.size());
        address.size = sizeof name;
        return address;
    }
    auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
    if (::inet_pton(AF_INET, planned.address.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(planned.port);
        address.size = sizeof four;
        return address;
    }
    auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET6, planned.address.c_str(), &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(planned.port);
        address.size = sizeof six;
        return address;
    }
    return make_error(ErrorKind::Invalid, "{} is not a numeric address", planned.address);
}

// A socket file that refuses connections belongs to a server that was killed.
void remove_stale(const PlannedSocket& planned, const SocketAddress& address) {
    struct stat status {};
    if (planned.unix_path.empty() || ::lstat(planned.unix_path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED) ::unlink(planned.unix_path.c_str());
}

Error bind_error(const PlannedSocket& planned, int number) {
    Error error = errno_error("cannot listen on " + planned.key, number);
    if (number == EADDRINUSE) error.message += ": another program listens there; choose another address or end it";
    if (number == EACCES && planned.port != 0 && planned.port < 1024) error.message += ": ports below 1024 need root";
    if (number == EADDRNOTAVAIL) error.message += ": no interface of this machine has the address";
    return error;
}

}  // namespace

Result<UniqueFd> open_listen_socket(const PlannedSocket& planned) {
    const SocketAddress address = OSMIA_TRY(address_of(planned));
    remove_stale(planned, address);
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return bind_error(planned, errno);
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (planned.share_port) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.storage.ss_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd.get(), address.get(), address.size) != 0) return bind_error(planned, errno);
    // Whoever may pass the folders on the way may connect, as with a TCP port.
    if (!planned.unix_path.empty()) ::chmod(planned.unix_path.c_str(), 0666);
    if (::listen(fd.get(), ListenBacklog) != 0) return bind_error(planned, errno);
    return fd;
}

bool is_missing_family(const Error& error) {
    return error.system_errno == EAFNOSUPPORT || error.system_errno == EADDRNOTAVAIL;
}

std::uint16_t port_of(BorrowedFd socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
    if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
    return 0;
}

}  // namespace osmia::supervisor
