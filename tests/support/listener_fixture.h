/// \file
/// A test that plays supervisor and worker to the real osmia-listener.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "wire/channel_message.h"
#include "wire/listener_to_supervisor.h"
#include "wire/supervisor_to_listener.h"
#include "wire/worker_end.h"

namespace osmia::testing {

/// The worker's end of one channel, in this process or in a forked child.
class FakeWorker {
public:
    /// Waits for the listener's hello on \a socket, attaches and says ready.
    FakeWorker(UniqueFd socket, std::uint32_t capacity = 1000);
    wire::WorkerEnd& end() { return *end_; }
    const UniqueFd& socket() const { return socket_; }
    /// Waits for the next request's slot; nothing after \a limit_ms.
    std::optional<std::uint32_t> next(int limit_ms = 5000);
    /// A whole answer.
    void answer(std::uint32_t slot, const std::string& body, std::uint16_t status = 200);
    void head(std::uint32_t slot, std::optional<std::uint64_t> length, std::uint16_t status = 200);
    void write(std::uint32_t slot, wire::RecordKind kind, std::string_view payload = {}, std::uint16_t flags = 0);
    void end_and_done(std::uint32_t slot);
    void pass_file(std::uint32_t id, int fd);

private:
    UniqueFd socket_;
    std::unique_ptr<wire::WorkerEnd> end_;
};

/// Starts osmia-listener (path in $OSMIA_BIN) with one socket on 127.0.0.1, one site, application "/" in pool 1 and
/// "/b" in pool 2.
class ListenerProcess {
public:
    ListenerProcess();
    explicit ListenerProcess(const wire::ListenerLimits& limits, std::uint32_t queue_length = 1000);
    ~ListenerProcess();

    std::uint16_t port() const { return port_; }
    pid_t pid() const { return pid_; }
    void send(const wire::SupervisorToListener& message, std::span<const int> fds = {});
    /// The next message of type T; others are dropped. Fails the test after five seconds.
    template <class T>
    T expect() {
        for (;;) {
            auto message = receive();
            if (auto* wanted = std::get_if<T>(&message)) return *wanted;
        }
    }
    wire::ListenerToSupervisor receive();

    /// A worker served by this process; \a pid is what the listener watches (0: a helper process that only sleeps).
    std::unique_ptr<FakeWorker> add_worker(std::uint64_t id, std::uint32_t pool, pid_t pid = 0);
    /// A worker in a forked child that runs \a body; returns its pid.
    pid_t fork_worker(std::uint64_t id, std::uint32_t pool, const std::function<void(FakeWorker&)>& body);

private:
    void start(const wire::ListenerLimits& limits, std::uint32_t queue_length);

    UniqueFd control_;
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
    std::vector<pid_t> children_;
};

/// A blocking client connection to 127.0.0.1.
class Client {
public:
    explicit Client(std::uint16_t port);
    void send(std::string_view bytes);
    /// Reads one response with Content-Length or chunked framing; empty at end of file or after five seconds.
    std::string read_response();
    /// Everything until the connection closes.
    std::string read_to_end();
    /// True when the peer has closed (reads what is left).
    bool is_closed();
    void shutdown_write();
    int fd() const { return fd_.get(); }

private:
    bool fill();
    UniqueFd fd_;
    std::string buffer_;
};

/// The body of a response as read_response() returns it, chunk framing removed.
std::string body_of(const std::string& response);

}  // namespace osmia::testing
