/// \file
/// How a response's content is delimited and whether the connection lives on: the listener's own decision.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "http/method.h"
#include "http1/request_head.h"
#include "http_fields/header_block.h"

namespace osmia::http1 {

/// One response field, already copied out of memory that another process can write.
using ResponseField = http_fields::Field;

/// What the worker's fields ask for. Wishes only: a worker may be broken or hostile.
struct ResponseWishes {
    bool close = false;                                ///< Connection: close
    std::optional<std::uint64_t> content_length = {};  ///< a single valid Content-Length
    bool bad_content_length = false;  ///< a Content-Length that is no number, or two different ones
};
ResponseWishes read_wishes(std::span<const ResponseField> fields);

/// How the content goes out.
enum class BodyMode : std::uint8_t {
    None,    ///< the response ends with its head: 1xx, 204, 304, and every answer to HEAD
    Length,  ///< exactly FramingDecision::length bytes
    Chunked,
    UntilClose,  ///< HTTP/1.0 with an unknown length: the connection's end is the content's end
};

/// What decide_framing() needs to know.
struct FramingInput {
    http::Method method = http::Method::Get;
    Version version = Version::Http11;
    bool keep_alive = false;  ///< the request's keep_alive(), and nothing on our side wants to close
    unsigned status = 200;
    std::optional<std::uint64_t> length =
        {};  ///< the content's length when it is known before the head goes out
};

struct FramingDecision {
    BodyMode mode = BodyMode::None;
    std::uint64_t length = 0;      ///< for Length; for HEAD what a GET would have had, if announce_length
    bool announce_length = false;  ///< a Content-Length field is written
    bool keep_alive = false;       ///< the connection stays open behind this response
    bool echo_keep_alive = false;  ///< HTTP/1.0: "Connection: keep-alive" is written
};

/// RFC 9112 section 6.3 from the sender's side. For HTTP/1.0 without a length the connection closes. 205 has
/// no content and says so (Content-Length: 0). An answer to HEAD announces a length when one is known and
/// nothing otherwise.
FramingDecision decide_framing(const FramingInput& input);

}  // namespace osmia::http1
