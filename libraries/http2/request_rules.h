/// \file
/// What an HTTP/2 request must be beyond the frame engine's own validation, so that it means to a worker exactly what the
/// same request over HTTP/1.1 would.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/error_reason.h"
#include "http/limits.h"
#include "http/method.h"
#include "http2/request_head.h"

namespace osmia::http2 {

/// What the rules read from a head. Views point into it.
struct RequestFacts {
    http::Method method = http::Method::Other;
    std::string_view raw_path;   ///< without query; "/" for the asterisk form
    std::string_view query;
    std::string_view authority;  ///< as sent, of :authority or Host
    std::string_view host;       ///< without port
    bool has_host_field = false;
    bool expects_continue = false;
    std::optional<std::uint64_t> content_length;
};

/// Why a request gets an answer of ours.
struct RuleError {
    std::uint16_t status = 400;
    http::ErrorReason reason = http::ErrorReason::BadRequest;
};

/// Applies RFC 9113 section 8.3.1 and the limits and refusals of the HTTP/1.1 parser. \a ends tells that no content
/// follows. Nothing: \a facts holds what there is to know.
std::optional<RuleError> check_request(const RequestHead& head, bool ends, const http::HeadLimits& limits, RequestFacts& facts);

}  // namespace osmia::http2
