/// \file
/// What a gateway program writes, on its way to the client.
#pragma once

#include <osmia_host.h>

#include <string>
#include <string_view>

#include "gateway/response_head.h"

namespace gateway {

/// Collects the head, then passes the body on. One thread.
class ResponseWriter {
public:
    enum class State { Head, Body, BadHead, ClientGone };

    explicit ResponseWriter(IOsmiaContext& face) : face_(face) {}

    /// Waits while the client reads slowly.
    void write(std::string_view bytes);
    /// The program has written everything. BadHead: there was no head.
    void end();
    State state() const { return state_; }
    bool has_bytes() const { return state_ != State::Head || !head_.empty(); }

private:
    void decide();

    IOsmiaContext& face_;
    State state_ = State::Head;
    std::string head_;
};

}  // namespace gateway
