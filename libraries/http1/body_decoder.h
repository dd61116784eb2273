/// \file
/// A request's content, decoded as its head framed it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http1/request_error.h"
#include "http1/request_head.h"
#include "http_fields/chunk_decoder.h"

namespace osmia::http1 {

/// A request body in strict chunked coding (RFC 9112 section 7.1): CRLF everywhere, no blanks behind the
/// size, bounded extensions, a bounded and validated trailer section.
class ChunkedBodyDecoder {
public:
    explicit ChunkedBodyDecoder(const http::ChunkLimits& limits = {});

    /// As http_fields::ChunkDecoder::next(); views point into \a input.
    http_fields::ChunkStep next(std::string_view input);

    /// Why it failed: 400, or 413 for chunk lines, extensions or a trailer section beyond their bytes. Valid
    /// after Failed.
    RequestError error() const { return error_; }

    /// The trailer fields, valid after End, living as long as the decoder stays where it is (views point into
    /// it). Fields that RFC 9110 section 6.5.1 forbids in trailers are not among them: those for framing and
    /// routing make the request fail (Transfer-Encoding, Content-Length, Host, Trailer), others
    /// (authentication, content description, conditions, controls) are dropped.
    const std::vector<http_fields::Field>& trailers() const { return trailers_; }

    std::uint64_t content_size() const { return decoder_.content_size(); }

private:
    bool read_trailers();

    http_fields::ChunkDecoder decoder_;
    http_fields::HeaderBlockLimits trailer_limits_;
    RequestError error_;
    std::vector<http_fields::Field> trailers_;
    bool finished_ = false;
};

/// A request body in whatever framing: none, Content-Length, chunked. The listener's one way to read content.
class BodyDecoder {
public:
    explicit BodyDecoder(const RequestHead& head, const http::ChunkLimits& limits = {});

    /// As http_fields::ChunkDecoder::next(). With Content-Length the last content is a Data step; at_end() is
    /// true from then on, and the next call says End, as does every call without content.
    http_fields::ChunkStep next(std::string_view input);

    RequestError error() const { return chunked_.error(); }
    const std::vector<http_fields::Field>& trailers() const { return chunked_.trailers(); }
    /// Content bytes handed out so far.
    std::uint64_t content_size() const;
    /// True after End was reached (also without calling next() when there is no content).
    bool at_end() const { return at_end_; }

private:
    ChunkedBodyDecoder chunked_;
    std::uint64_t remaining_ = 0;
    std::uint64_t content_size_ = 0;
    bool is_chunked_ = false;
    bool at_end_ = false;
};

}  // namespace osmia::http1
