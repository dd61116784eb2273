/// \file
/// Whole messages with descriptors over AF_UNIX SOCK_SEQPACKET: the carrier of every control channel.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace osmia {

/// The largest message any control channel carries, in bytes.
inline constexpr std::size_t MaxMessageSize = 128 * 1024;
/// The most descriptors one message carries.
inline constexpr std::size_t MaxMessageFds = 16;

/// One received message. Owns its bytes and descriptors (all close-on-exec).
struct ReceivedMessage {
    std::vector<std::byte> bytes;
    std::vector<UniqueFd> fds;
};

/// A connected pair, both ends close-on-exec and non-blocking.
Result<std::pair<UniqueFd, UniqueFd>> make_message_pair();

/// Sends one message. Never blocks: Busy when the peer's buffer is full, Closed when the peer has gone.
Result<void> send_message(BorrowedFd socket, std::span<const std::byte> bytes, std::span<const int> fds = {});

/// Receives one message without blocking. Busy when there is none, Closed at the end, Invalid when the message was
/// larger than MaxMessageSize or carried more than MaxMessageFds descriptors (all of them are closed then).
Result<ReceivedMessage> receive_message(BorrowedFd socket);

}  // namespace osmia
