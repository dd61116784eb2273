#include "supervisor/control_server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace osmia::supervisor {

struct ControlServer::Connection {
    UniqueFd fd;
    ControlPeer peer;
    std::string request;
    std::string reply;
    bool handled = false;
    EventLoop::TimerId timer = 0;
};

namespace {

ControlPeer peer_of(const UniqueFd& fd) {
    ControlPeer peer;
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
        peer.pid = credentials.pid;
        peer.uid = credentials.uid;
        peer.gid = credentials.gid;
    } else {
        peer.uid = peer.gid = ~0U;
    }
    peer.groups.resize(256);
    size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
    const bool known = ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) == 0;
    peer.groups.resize(known ? size / sizeof(gid_t) : 0);
    return peer;
}

}  // namespace

ControlServer::~ControlServer() {
    if (socket_) loop_.remove(socket_);
    while (!connections_.empty()) close(connections_.begin()->first);
}

Result<UniqueFd> ControlServer::open(const std::string& path) {
    // A path may be longer than a socket address: the folder's descriptor stands for it.
    const auto slash = path.rfind('/');
    const UniqueFd folder(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return errno_error(path);
    const std::string short_path = fmt::format("/proc/self/fd/{}{}", folder.get(), path.substr(slash));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (short_path.size() >= sizeof address.sun_path) return make_error(ErrorKind::Invalid, "{}: the name is too long", path);
    std::memcpy(address.sun_path, short_path.data(), short_path.size());
    // The state folder is locked: whoever had this socket has gone.
    ::unlink(path.c_str());
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return errno_error(path);
    ::chmod(path.c_str(), 0666);
    if (::listen(fd.get(), static_cast<int>(MaxControlConnections)) != 0) return errno_error(path);
    return fd;
}

void ControlServer::serve(UniqueFd socket) {
    socket_ = std::move(socket);
    loop_.add(socket_, EPOLLIN, [this](std::uint32_t) { accept_all(); });
}

void ControlServer::accept_all() {
    for (;;) {
        UniqueFd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd) return;
        if (connections_.size() >= MaxControlConnections) continue;
        const int number = fd.get();
        auto connection = std::make_shared<Connection>();
        connection->peer = peer_of(fd);
        connection->fd = std::move(fd);
        connection->timer = loop_.after(ControlPatience, [this, number] { close(number); });
        connections_[number] = connection;
        loop_.add(connection->fd, EPOLLIN, [this, number](std::uint32_t events) { on_events(number, events); });
    }
}

void ControlServer::on_events(int fd, std::uint32_t events) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    const auto connection = found->second;
    if (!connection->handled) return read_request(*connection);
    if (!connection->reply.empty()) return write_reply(*connection);
    // Whoever hangs up while its command is carried out does not wait for the answer.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) close(fd);
}

void ControlServer::read_request(Connection& connection) {
    const int number = connection.fd.get();
    char buffer[4096];
    const ssize_t size = ::read(number, buffer, sizeof buffer);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return close(number);
    connection.request.append(buffer, static_cast<std::size_t>(size));
    const auto end = connection.request.find('\n');
    if (end == std::string::npos) {
        if (connection.request.size() > MaxControlRequest) close(number);
        return;
    }
    connection.request.resize(end);
    connection.handled = true;
    loop_.cancel(connection.timer);
    loop_.modify(connection.fd, 0);
    const std::weak_ptr<Connection> weak = connections_[number];
    handler_(connection.request, connection.peer, [this, weak](std::string line) {
        const auto alive = weak.lock();
        if (alive == nullptr || !alive->reply.empty()) return;
        alive->reply = std::move(line) + "\n";
        alive->timer = loop_.after(ControlPatience, [this, fd = alive->fd.get()] { close(fd); });
        write_reply(*alive);
    });
}

void ControlServer::write_reply(Connection& connection) {
    while (!connection.reply.empty()) {
        const ssize_t size = ::send(connection.fd.get(), connection.reply.data(), connection.reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) return loop_.modify(connection.fd, EPOLLOUT);
        if (size <= 0) break;
        connection.reply.erase(0, static_cast<std::size_t>(size));
    }
    close(connection.fd.get());
}

void ControlServer::close(int fd) {
    const auto found = connections_.find(fd);
    if (found == connections_.end()) return;
    loop_.cancel(found->second->timer);
    loop_.remove(found->second->fd);
    // A callback in progress may hold it; the number is free all the same.
    found->second->fd.reset();
    connections_.erase(found);
}

}  // namespace osmia::supervisor
