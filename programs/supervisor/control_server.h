/// \file
/// The control socket: one JSON request line from a local user, one JSON reply line.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/result.h"

namespace osmia::supervisor {

inline constexpr std::size_t MaxControlRequest = 64 * 1024;
inline constexpr std::size_t MaxControlConnections = 64;
/// A request must be complete, and a reply taken, within this.
inline constexpr std::chrono::seconds ControlPatience{10};

/// Who is at the other end, from the kernel.
struct ControlPeer {
    pid_t pid = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
};

/// Accepts connections and carries lines; understands no command. One thread, the loop's.
class ControlServer {
public:
    using Reply = std::function<void(std::string line)>;
    /// Called once for a connection. \a reply may be called at any later time, once; after the peer has gone or the
    /// server was destroyed it does nothing.
    using Handler = std::function<void(const std::string& line, const ControlPeer& peer, Reply reply)>;

    ControlServer(EventLoop& loop, Handler handler) : loop_(loop), handler_(std::move(handler)) {}
    ~ControlServer();

    /// Opens the socket file at \a path (replacing a stale one); everybody may connect, the handler decides by the peer.
    static Result<UniqueFd> open(const std::string& path);
    void serve(UniqueFd socket);

private:
    struct Connection;
    void accept_all();
    void on_events(int fd, std::uint32_t events);
    void read_request(Connection& connection);
    void write_reply(Connection& connection);
    void close(int fd);

    EventLoop& loop_;
    Handler handler_;
    UniqueFd socket_;
    std::map<int, std::shared_ptr<Connection>> connections_;  // last owner: the map, or a callback in progress
};

}  // namespace osmia::supervisor
