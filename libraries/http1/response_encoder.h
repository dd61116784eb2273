/// \file
/// From a structured response to HTTP/1.1 bytes. Nothing here allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http1/response_framing.h"

namespace osmia::http1 {

inline constexpr std::string_view ContinueResponse = "HTTP/1.1 100 Continue\r\n\r\n";
/// Ends a chunked body without trailers.
inline constexpr std::string_view LastChunk = "0\r\n\r\n";
/// Stands behind the content of every chunk.
inline constexpr std::string_view ChunkEnd = "\r\n";
/// Sixteen digits and a CRLF.
inline constexpr std::size_t MaxChunkHeader = 18;

/// Writes the line before a chunk of \a size bytes (1 at least) and returns its length.
std::size_t encode_chunk_header(std::uint64_t size, std::span<char, MaxChunkHeader> out);

/// A response head to encode. All views are borrowed for the call and must not be in memory that another
/// process writes.
struct ResponseHead {
    unsigned status = 200;
    std::string_view reason = {};                ///< empty: the registered phrase
    std::span<const ResponseField> fields = {};  ///< in this order, between Date and the framing fields
    std::string_view date = {};                  ///< http::DateCache::at()
    std::string_view server = {};                ///< the Server field when the worker sent none; empty: none
    bool drop_worker_server = false;             ///< policy: a worker's Server field is not passed on
};

enum class EncodeStatus {
    Ok,
    NoSpace,  ///< EncodeResult::size says what is needed
    Invalid,  ///< status, reason, a field name or a value that must never go out: answer 502 instead
};

struct EncodeResult {
    EncodeStatus status = EncodeStatus::Ok;
    std::size_t size = 0;  ///< bytes written, or needed
};

/// Writes status line, header section and the empty line into \a out.
///
/// The framing is \a framing's alone: Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding,
/// Content-Length, Trailer, Upgrade, TE and Date among \a head.fields are dropped (read_wishes() reads them
/// before). Every name must be a token and every value free of control characters, checked here byte by byte:
/// no response can be split, whoever wrote its parts.
EncodeResult encode_response_head(std::span<char> out, const ResponseHead& head,
                                  const FramingDecision& framing);

}  // namespace osmia::http1
