/// \file
/// From a parsed request of any HTTP version to an exchange: its id, its path, its site and application, its encoded head.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/error_reason.h"
#include "http/method.h"
#include "listener/client_connection.h"
#include "listener/exchange.h"
#include "wire/request_head.h"

namespace osmia::listener {

class Frontend;

/// What a parser made of a request; views are borrowed for the call.
struct IncomingRequest {
    http::Method method = http::Method::Other;
    std::string_view method_token, target, query, host;
    std::string_view raw_path;  ///< not decoded; "/" for the asterisk form
    std::span<const wire::RequestDescription::Header> headers;
    std::uint64_t content_length = 0;  ///< 0: no body; wire::UnknownLength: not told
    std::uint32_t flags = 0;           ///< wire::RequestKeepsAlive and the like; the connection's own are added
    std::uint16_t http_major = 1, http_minor = 1;
};

using RequestId = std::array<char, 32>;

/// The trace id of a valid W3C traceparent, else 32 random hexadecimal digits.
RequestId choose_request_id(std::string_view traceparent);

/// Why a request gets no exchange.
struct Refusal {
    unsigned status = 400;
    http::ErrorReason reason = http::ErrorReason::BadRequest;
};

/// The outcome of take_in(): an exchange (the caller's, not submitted yet), a place to redirect to, or a refusal.
struct Intake {
    Exchange* exchange = nullptr;
    std::string redirect;  ///< not empty: answer 301 with it as Location
    Refusal refusal;
    std::uint32_t site_id = 0;  ///< 0 when no site was found
};

/// Normalises the path, routes, encodes the head. The exchange's sink is the caller's to set.
Intake take_in(Frontend& frontend, const Endpoints& endpoints, std::uint64_t connection_id, const RequestId& id,
               const IncomingRequest& request);

}  // namespace osmia::listener
