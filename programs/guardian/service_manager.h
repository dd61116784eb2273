/// \file
/// The service manager that started this process (systemd): told when the server is ready, reloads and stops.
#pragma once

#include <string>

#include "wire/guardian.h"

namespace osmia::guardian {

/// The protocol of sd_notify(3): datagrams to the socket that $NOTIFY_SOCKET names. Without one, nothing happens. A value.
class ServiceManager {
public:
    ServiceManager() = default;
    /// \a socket is a path, or "@NAME" in the abstract namespace.
    explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

    /// Takes $NOTIFY_SOCKET out of the environment, so that no child sees it.
    static ServiceManager from_environment();

    /// Sends the phase; a manager that does not listen is no reason to do anything else.
    void tell(wire::ServerPhase phase) const;

private:
    std::string socket_;
};

}  // namespace osmia::guardian
