/// \file
/// Telling systemd how the service is: the protocol of sd_notify(3), which needs no library.
#pragma once

#include <string>
#include <string_view>

namespace osmia::supervisor {

/// Sends \a state ("READY=1", "STOPPING=1", ...) to $NOTIFY_SOCKET; without one, or when nobody reads, does nothing.
void notify_manager(std::string_view state);

/// The same to the socket \a address: a path, or an abstract name that begins with '@'. False when it was not sent.
bool notify_manager_at(const std::string& address, std::string_view state);

}  // namespace osmia::supervisor
