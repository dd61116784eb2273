/// \file
/// What the frontend knows of a client connection, whichever version of HTTP it speaks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "listener/reactor.h"
#include "tls/session.h"

namespace osmia::listener {

/// Where a connection came in and from whom.
struct Endpoints {
    std::uint32_t socket_id = 0;
    bool is_unix = false;
    std::string remote_address;
    std::string local_address;
    std::uint16_t remote_port = 0;
    std::uint16_t local_port = 0;
    std::shared_ptr<const tls::SessionFacts> tls;  ///< null without TLS, and until the handshake is done
};

/// Owned by the Frontend, known to workers and timers by its id. Reactor's thread only.
class ClientConnection : public IoHandler {
public:
    explicit ClientConnection(std::uint64_t id) : id_(id) {}
    std::uint64_t id() const { return id_; }
    /// Does what can be done now; called at the end of a turn for connections that asked for it.
    virtual void advance() = 0;
    /// The listener drains: the connection closes after its answer, an idle one at once. \a patiently: a client that was
    /// promised a kept connection may use it once more, so nothing is lost.
    virtual void drain(bool patiently) = 0;
    /// What the output waited for is there: a file range in memory, or bandwidth.
    virtual void on_output_may_go_on() = 0;
    /// The worker that the connection was bound to is gone: no other may answer its requests.
    virtual void on_binding_lost() {}
    bool is_scheduled = false;

private:
    std::uint64_t id_;
};

}  // namespace osmia::listener
