/// \file
/// The service manager that started this process (systemd).
#pragma once

#include <string>

namespace osmia::guardian {

/// Sends what the supervisor has for the manager: a datagram of sd_notify(3) to \a socket, $NOTIFY_SOCKET's path or "@NAME"
/// in the abstract namespace. The manager listens to the guardian alone. An empty or unusable name, or a manager that does
/// not listen, is no reason to do anything else.
void notify(const std::string& socket, const std::string& text);

}  // namespace osmia::guardian
