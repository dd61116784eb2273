#include "support/listener_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/process_start.h"

namespace osmia::testing {

namespace {

constexpr int PatienceMs = 5000;

bool wait_readable(int fd, int limit_ms) {
    pollfd poll_fd{fd, POLLIN, 0};
    return ::poll(&poll_fd, 1, limit_ms) > 0;
}

}  // namespace

FakeWorker::FakeWorker(UniqueFd socket, std::uint32_t capacity) : socket_(std::move(socket)) {
    EXPECT_TRUE(wait_readable(socket_.get(), PatienceMs));
    auto hello = wire::receive<wire::ListenerToWorkerMessage>(socket_);
    EXPECT_TRUE(hello.ok());
    auto& fds = hello.value().fds;
    end_ = wire::WorkerEnd::attach(std::move(fds.at(0)), std::move(fds.at(1)), std::move(fds.at(2))).value();
    end_->set_thread_count(1);
    EXPECT_TRUE(wire::send<wire::WorkerToListenerMessage>(socket_, wire::ChannelReady{wire::ProtocolVersion, capacity}).ok());
}

std::optional<std::uint32_t> FakeWorker::next(int limit_ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (std::chrono::steady_clock::now() < end) {
        if (const auto slot = end_->take()) return slot;
        end_->park(0, 20'000'000, [] { return false; });
    }
    return std::nullopt;
}

void FakeWorker::write(std::uint32_t slot, wire::RecordKind kind, std::string_view payload, std::uint16_t flags) {
    end_->write(slot, kind, flags, std::as_bytes(std::span(payload)));
}

void FakeWorker::head(std::uint32_t slot, std::optional<std::uint64_t> length, std::uint16_t status) {
    wire::ResponseHead head;
    head.status = status;
    head.content_length = length;
    head.fields.push_back({"Content-Type", "text/plain"});
    end_->write(slot, wire::RecordKind::Head, 0, wire::encode_response_head(head));
}

void FakeWorker::end_and_done(std::uint32_t slot) {
    write(slot, wire::RecordKind::End);
    end_->write(slot, wire::RecordKind::Done, 0, wire::encode_done_fields({}));
    end_->publish(slot);
}

void FakeWorker::answer(std::uint32_t slot, const std::string& body, std::uint16_t status) {
    head(slot, body.size(), status);
    write(slot, wire::RecordKind::Body, body);
    end_and_done(slot);
}

void FakeWorker::pass_file(std::uint32_t id, int fd) {
    const int fds[] = {fd};
    EXPECT_TRUE(wire::send<wire::WorkerToListenerMessage>(socket_, wire::PassFile{id, 1}, fds).ok());
}

ListenerProcess::ListenerProcess() { start({}, 1000); }
ListenerProcess::ListenerProcess(const wire::ListenerLimits& limits, std::uint32_t queue_length) { start(limits, queue_length); }

void ListenerProcess::start(const wire::ListenerLimits& limits, std::uint32_t queue_length) {
    auto pair = make_message_pair();
    control_ = std::move(pair.value().first);
    const std::string program = std::string(std::getenv("OSMIA_BIN")) + "/osmia-listener";
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(pair.value().second.get(), wire::ControlDescriptor);
        if (pair.value().second.get() == wire::ControlDescriptor) ::fcntl(wire::ControlDescriptor, F_SETFD, 0);
        ::setenv("OSMIA_CONTROL_FD", "3", 1);
        ::execl(program.c_str(), "osmia-listener", "http", nullptr);
        ::_exit(127);
    }
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(socket.get(), 511), 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    const int fds[] = {socket.get()};
    send(wire::ListenerHello{});
    send(limits);
    send(wire::BeginSnapshot{1});
    send(wire::SnapshotPool{1, "one", queue_length, {}});
    send(wire::SnapshotPool{2, "two", queue_length, {}});
    send(wire::SnapshotSite{1, "site", {}, limits.idle_timeout_ms, 0xffffffff});
    send(wire::SnapshotBinding{1, 1, "", false});
    send(wire::SnapshotApplication{1, 1, "/", 1, 0, {}});
    send(wire::SnapshotApplication{2, 1, "/b", 2, 0, {}});
    send(wire::CommitSnapshot{1});
    send(wire::ListenSocket{1, "127.0.0.1"}, fds);
    expect<wire::SnapshotApplied>();
}

ListenerProcess::~ListenerProcess() {
    for (const pid_t child : children_) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    control_.reset();
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
}

void ListenerProcess::send(const wire::SupervisorToListener& message, std::span<const int> fds) {
    EXPECT_TRUE(wire::send<wire::SupervisorToListener>(control_, message, fds).ok());
}

wire::ListenerToSupervisor ListenerProcess::receive() {
    if (!wait_readable(control_.get(), PatienceMs)) throw std::runtime_error("the listener says nothing");
    auto received = wire::receive<wire::ListenerToSupervisor>(control_);
    if (!received.ok()) throw std::runtime_error(received.error().message);
    return received.value().message;
}

std::unique_ptr<FakeWorker> ListenerProcess::add_worker(std::uint64_t id, std::uint32_t pool, pid_t pid) {
    if (pid == 0) {
        pid = ::fork();
        if (pid == 0) {
            for (;;) ::pause();
        }
        children_.push_back(pid);
    }
    auto pair = make_message_pair();
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int fds[] = {pair.value().first.get(), pidfd.get()};
    send(wire::AddWorker{id, pool, 1, static_cast<std::uint32_t>(pid), {}}, fds);
    return std::make_unique<FakeWorker>(std::move(pair.value().second));
}

pid_t ListenerProcess::fork_worker(std::uint64_t id, std::uint32_t pool, const std::function<void(FakeWorker&)>& body) {
    auto pair = make_message_pair();
    const pid_t pid = ::fork();
    if (pid == 0) {
        pair.value().first.reset();
        control_.reset();
        FakeWorker worker(std::move(pair.value().second));
        body(worker);
        ::_exit(0);
    }
    children_.push_back(pid);
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int fds[] = {pair.value().first.get(), pidfd.get()};
    send(wire::AddWorker{id, pool, 1, static_cast<std::uint32_t>(pid), {}}, fds);
    return pid;
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(port);
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
}

bool Client::fill() {
    if (!wait_readable(fd_.get(), PatienceMs)) return false;
    char buffer[65536];
    const ssize_t size = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (size <= 0) return false;
    buffer_.append(buffer, static_cast<std::size_t>(size));
    return true;
}

std::string Client::read_response() {
    std::size_t head_end;
    while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return {};
    }
    head_end += 4;
    const std::string head = buffer_.substr(0, head_end);
    std::size_t total = head_end;
    if (const auto at = head.find("Content-Length: "); at != std::string::npos) {
        total += std::stoul(head.substr(at + 16));
        while (buffer_.size() < total) {
            if (!fill()) return {};
        }
    } else if (head.find("chunked") != std::string::npos) {
        std::size_t end;
        while ((end = buffer_.find("0\r\n\r\n", head_end)) == std::string::npos) {
            if (!fill()) return {};
        }
        total = end + 5;
    }
    std::string response = buffer_.substr(0, total);
    buffer_.erase(0, total);
    return response;
}

std::string Client::read_to_end() {
    while (fill()) {}
    return std::exchange(buffer_, {});
}

bool Client::is_closed() {
    while (fill()) {}
    char byte;
    const ssize_t size = ::recv(fd_.get(), &byte, 1, MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN);
}

void Client::shutdown_write() { ::shutdown(fd_.get(), SHUT_WR); }

std::string body_of(const std::string& response) {
    const auto head_end = response.find("\r\n\r\n") + 4;
    if (response.substr(0, head_end).find("chunked") == std::string::npos) return response.substr(head_end);
    std::string body;
    std::size_t at = head_end;
    for (;;) {
        const auto line_end = response.find("\r\n", at);
        if (line_end == std::string::npos) return body;
        const auto size = std::stoul(response.substr(at, line_end - at), nullptr, 16);
        if (size == 0) return body;
        body += response.substr(line_end + 2, size);
        at = line_end + 2 + size + 2;
    }
}

}  // namespace osmia::testing
