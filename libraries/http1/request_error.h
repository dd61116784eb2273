/// \file
/// Why a request from the network was refused.
#pragma once

#include <cstdint>

#include "http/error_reason.h"

namespace osmia::http1 {

/// A refusal: the status to answer with and the reason for the HTTPERR log. The connection always closes
/// after the answer: what follows on it cannot be trusted to be where it seems.
struct RequestError {
    std::uint16_t status = 0;
    http::ErrorReason reason = http::ErrorReason::None;

    friend bool operator==(const RequestError&, const RequestError&) = default;
};

}  // namespace osmia::http1
