/// \file
/// The listening sockets that are open, each known by its key to us and by its id to the listener.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "supervisor/guardian_link.h"
#include "supervisor/listen_plan.h"

namespace osmia::supervisor {

/// Owns the sockets and keeps copies with the guardian. One thread.
class SocketTable {
public:
    struct Socket {
        std::uint32_t id = 0;
        UniqueFd fd;
        std::uint16_t port = 0;
        std::string address;  ///< to print: "127.0.0.1:8080", "unix:/path"
    };
    struct Change {
        std::vector<std::string> opened;
        std::vector<std::uint32_t> closed;
    };

    explicit SocketTable(GuardianLink& guardian) : guardian_(guardian) {}

    /// Takes over what the supervisor before had open.
    void adopt(Restored& restored);
    /// Opens what the plan needs and closes the rest. All or nothing: an error leaves everything as it was.
    Result<Change> apply(const ListenPlan& plan);
    /// Removes the files of unix sockets and forgets everything: the server ends.
    void close_all();

    const std::map<std::string, Socket>& sockets() const { return sockets_; }
    const Socket* find(const std::string& key) const;

private:
    void keep(const std::string& key, Socket socket);
    void close(std::map<std::string, Socket>::iterator found);

    GuardianLink& guardian_;
    std::map<std::string, Socket> sockets_;
    std::uint32_t last_id_ = 0;
};

}  // namespace osmia::supervisor
