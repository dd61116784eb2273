/// \file
/// A connection from a proxy before its PROXY header has come.
#pragma once

#include "http/error_reason.h"
#include "http1/proxy_header.h"
#include "listener/client_connection.h"

namespace osmia::listener {

class Frontend;

/// Waits for the header, takes exactly its bytes from the socket, and gives the socket to the frontend, which opens the real
/// connection in its place. Closes, with a line in HTTPERR, when there is none within headerTimeout. Reactor's thread only.
class ProxyGreeting final : public ClientConnection {
public:
    ProxyGreeting(UniqueFd fd, Endpoints endpoints, std::uint64_t id, Frontend& frontend);

    void on_io(std::uint32_t events) override;
    void advance() override;
    void drain(bool patiently) override;
    void on_output_may_go_on() override {}

private:
    void take_over(const http1::ProxyHeader& header);
    void fail(http::ErrorReason reason);
    void on_timer();
    void close();

    UniqueFd fd_;
    Frontend& frontend_;
    Endpoints endpoints_;
    Timer timer_;
    bool over_ = false;
};

}  // namespace osmia::listener
