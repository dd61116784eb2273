#include "base/message_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace osmia {

Result<std::pair<UniqueFd, UniqueFd>> make_message_pair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) return errno_error("socketpair");
    for (int fd : fds) {
        const int size = 1 << 20;  // a configuration of many sites arrives in one burst
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

Result<void> send_message(BorrowedFd socket, std::span<const std::byte> bytes, std::span<const int> fds) {
    OSMIA_CHECK(bytes.size() <= MaxMessageSize && fds.size() <= MaxMessageFds, "a control message fits its limits");
    iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * MaxMessageFds)];
    if (!fds.empty()) {
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
        cmsghdr* item = CMSG_FIRSTHDR(&header);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
        std::memcpy(CMSG_DATA(item), fds.data(), sizeof(int) * fds.size());
    }
    for (;;) {
        if (::sendmsg(socket.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == ENOBUFS) return make_error(ErrorKind::Busy, "the peer does not read its messages");
        if (errno == EPIPE || errno == ECONNRESET) return make_error(ErrorKind::Closed, "the peer has gone");
        return errno_error("sendmsg");
    }
}

namespace {

std::vector<UniqueFd> take_fds(msghdr& header) {
    std::vector<UniqueFd> fds;
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd;
            std::memcpy(&fd, CMSG_DATA(item) + i * sizeof(int), sizeof fd);
            fds.emplace_back(fd);
        }
    }
    return fds;
}

}  // namespace

Result<ReceivedMessage> receive_message(BorrowedFd socket) {
    thread_local std::vector<std::byte> buffer(MaxMessageSize);
    iovec vector{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * MaxMessageFds)];
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t size;
    do {
        size = ::recvmsg(socket.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && errno == EAGAIN) return make_error(ErrorKind::Busy, "no message");
    if (size < 0 && errno == ECONNRESET) return make_error(ErrorKind::Closed, "the peer has gone");
    if (size < 0) return errno_error("recvmsg");
    ReceivedMessage message;
    message.fds = take_fds(header);
    if (size == 0) return make_error(ErrorKind::Closed, "the peer has gone");
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return make_error(ErrorKind::Invalid, "a message beyond its limits");
    message.bytes.assign(buffer.begin(), buffer.begin() + size);
    return message;
}

}  // namespace osmia
