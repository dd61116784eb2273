/// \file
/// The client's half of a request as the access log sees it: bytes, and when the last one was out.
#pragma once

#include <cstdint>

#include "listener/exchange.h"

namespace osmia::listener {

class Dispatcher;

/// A member of whoever carries one request at a time for a client (a connection, a stream). Keeps its exchange alive
/// until end(). Reactor's thread only.
class Transmission {
public:
    Transmission() = default;
    Transmission(const Transmission&) = delete;
    Transmission& operator=(const Transmission&) = delete;
    ~Transmission() { forget(); }

    /// A new request begins; its first byte came at \a first_byte_us.
    void begin(std::int64_t first_byte_us);
    /// From now on the exchange's end waits for end(). An exchange that never reaches a worker is forgotten instead.
    void attach(Exchange& exchange);
    void add_sent(std::uint64_t bytes) { sent_ += bytes; }
    void add_received(std::uint64_t bytes) { received_ += bytes; }
    std::int64_t first_byte_us() const { return first_byte_us_; }
    std::uint64_t sent() const { return sent_; }
    std::uint64_t received() const { return received_; }

    /// The last byte of the answer was handed to the kernel, or (\a failed) the client has gone before.
    void end(Dispatcher& dispatcher, bool failed);
    /// The exchange is about to go, or this is.
    void forget();

private:
    Exchange* exchange_ = nullptr;
    std::int64_t first_byte_us_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
};

}  // namespace osmia::listener
