// The limit every server is measured against: one thread, epoll, read, fixed answer, write. No parsing.
//   epoll_responder PORT
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
    constexpr std::string_view Answer =
        "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\nServer: limit\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n"
        "hello, world";
    if (argc != 2) return 2;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 1024) != 0) return 1;
    const int epoll = ::epoll_create1(0);
    epoll_event event{EPOLLIN, {.fd = listener}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    epoll_event events[256];
    char buffer[16384];
    for (;;) {
        const int count = ::epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[i].data.fd;
            if (fd == listener) {
                const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
                if (client < 0) continue;
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                epoll_event added{EPOLLIN, {.fd = client}};
                ::epoll_ctl(epoll, EPOLL_CTL_ADD, client, &added);
                continue;
            }
            const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
            if (size <= 0) ::close(fd);
            else if (::send(fd, Answer.data(), Answer.size(), MSG_NOSIGNAL) < 0) ::close(fd);
        }
    }
}
