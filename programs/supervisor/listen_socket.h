/// \file
/// Opening a listening socket.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "supervisor/listen_plan.h"

namespace osmia::supervisor {

/// Connections that may wait in the kernel while no listener accepts; the kernel caps it at net.core.somaxconn.
inline constexpr int ListenBacklog = 4096;

/// Opens it: bound, listening, non-blocking, close-on-exec. A unix socket that nobody serves any more is replaced. Errors
/// name the address and what to do.
Result<UniqueFd> open_listen_socket(const PlannedSocket& planned);

/// True when \a error of open_listen_socket() means that the machine does not have the address family.
bool is_missing_family(const Error& error);

/// The port a socket is bound to; 0 for a unix socket.
std::uint16_t port_of(BorrowedFd socket);

}  // namespace osmia::supervisor
