/// \file
/// How one of Osmia's programs starts another: the contract between spawn and main().
///
/// The child's control socket is descriptor 3 (an AF_UNIX SOCK_SEQPACKET end, non-blocking); no other descriptor beyond
/// 2 is open. Standard input is /dev/null; a worker's standard output and error are pipes that the supervisor reads, the
/// others' are the server's own. The child leads a session of its own, has default signal actions and an empty signal
/// mask. Command lines, for people who look at `ps` only: `osmia-listener http`, `osmia-worker POOL`. End of file on the
/// control socket tells a worker or a listener to finish what it has and exit.
///
/// Environment: OSMIA_CONTROL_FD is "3". A worker also has OSMIA_POOL (the pool's name) and OSMIA_DATA (the folder under
/// which each application has its own: $OSMIA_DATA/SITE/APP), and the pool's <environmentVariables>.
#pragma once

namespace osmia::wire {

/// The child's end of its control socket.
inline constexpr int ControlDescriptor = 3;

}  // namespace osmia::wire
