/// \file
/// The few messages of a listener-worker channel that need a socket: the regions at the start, descriptors, and news of
/// connections. Everything else is in shared memory (channel_layout.h).
#pragma once

#include "wire/message_codec.h"

namespace osmia::wire {

/// First message. Descriptors: request region (read-only for the worker), response region, doorbell eventfd.
struct ChannelHello {
    std::uint32_t version = ProtocolVersion;
    void fields(auto& archive) { archive(version); }
};

/// The connection has closed; whatever was kept for it can go. Only for connections the worker is bound to.
struct ConnectionClosed {
    std::uint64_t connection_id = 0;
    void fields(auto& archive) { archive(connection_id); }
};

using ListenerToWorkerMessage = std::variant<ChannelHello, ConnectionClosed>;

/// The worker has mapped the regions and pulls; it takes at most `capacity` requests at once.
struct ChannelReady {
    std::uint32_t version = ProtocolVersion;
    std::uint32_t capacity = 0;
    void fields(auto& archive) { archive(version); archive(capacity); }
};

/// A file that File records name by this id (one descriptor). Reusing an id replaces the file: the worker does so only
/// when no response that names the old one is unfinished.
struct PassFile {
    std::uint32_t file_id = 0;
    std::uint32_t generation = 0;
    void fields(auto& archive) { archive(file_id); archive(generation); }
};

using WorkerToListenerMessage = std::variant<ChannelReady, PassFile>;

}  // namespace osmia::wire
