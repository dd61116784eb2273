#include "http1/body_decoder.h"

#include <algorithm>

namespace osmia::http1 {

using http::ErrorReason;
using http::HeaderId;
using http_fields::ChunkError;
using http_fields::ChunkStep;

namespace {

RequestError to_request_error(ChunkError error) {
    switch (error) {
        case ChunkError::BadLineEnd:
            return {400, ErrorReason::InvalidCrLf};
        case ChunkError::BadSize:
            return {400, ErrorReason::Number};
        case ChunkError::LineTooLong:
        case ChunkError::ExtensionsTooLong:
        case ChunkError::TrailerTooLong:
            return {413, ErrorReason::EntityTooLarge};
        default:
            return {400, ErrorReason::BadRequest};
    }
}

/// Fields for framing and routing: nobody puts them into a trailer by accident.
bool is_refused_in_trailers(HeaderId id) {
    return id == HeaderId::TransferEncoding || id == HeaderId::ContentLength || id == HeaderId::Host ||
           id == HeaderId::Trailer;
}

/// RFC 9110 section 6.5.1: not where they could still change how the request is understood.
bool is_dropped_from_trailers(HeaderId id) {
    switch (id) {
        case HeaderId::CacheControl:
        case HeaderId::Connection:
        case HeaderId::KeepAlive:
        case HeaderId::Pragma:
        case HeaderId::Upgrade:
        case HeaderId::ContentType:
        case HeaderId::ContentEncoding:
        case HeaderId::ContentRange:
        case HeaderId::Authorization:
        case HeaderId::ProxyAuthorization:
        case HeaderId::ProxyConnection:
        case HeaderId::Cookie:
        case HeaderId::Expect:
        case HeaderId::IfMatch:
        case HeaderId::IfModifiedSince:
        case HeaderId::IfNoneMatch:
        case HeaderId::IfRange:
        case HeaderId::IfUnmodifiedSince:
        case HeaderId::MaxForwards:
        case HeaderId::Range:
        case HeaderId::Te:
        case HeaderId::XForwardedFor:
        case HeaderId::XForwardedProto:
        case HeaderId::XForwardedHost:
            return true;
        default:
            return false;
    }
}

}  // namespace

ChunkedBodyDecoder::ChunkedBodyDecoder(const http::ChunkLimits& limits)
    : decoder_(http_fields::LineSyntax::Strict, limits),
      trailer_limits_{limits.trailer_bytes, limits.trailer_count} {}

ChunkStep ChunkedBodyDecoder::next(std::string_view input) {
    if (error_.status != 0) return {ChunkStep::Kind::Failed, 0, {}};
    ChunkStep step = decoder_.next(input);
    if (step.kind == ChunkStep::Kind::Failed) error_ = to_request_error(decoder_.error());
    if (step.kind == ChunkStep::Kind::End && !finished_) {
        finished_ = true;
        if (!read_trailers()) step.kind = ChunkStep::Kind::Failed;
    }
    return step;
}

bool ChunkedBodyDecoder::read_trailers() {
    if (decoder_.trailer_section().empty()) return true;
    auto block = http_fields::parse_header_block(decoder_.trailer_section(), http_fields::LineSyntax::Strict,
                                                 trailer_limits_);
    if (!block.ok() ||
        std::ranges::any_of(block.value().fields, is_refused_in_trailers, &http_fields::Field::id)) {
        error_ = {400, ErrorReason::Header};
        return false;
    }
    trailers_ = std::move(block.value().fields);
    std::erase_if(trailers_, [](const auto& field) { return is_dropped_from_trailers(field.id); });
    return true;
}

BodyDecoder::BodyDecoder(const RequestHead& head, const http::ChunkLimits& limits)
    : chunked_(limits),
      remaining_(head.content_length()),
      is_chunked_(head.framing() == BodyFraming::Chunked),
      at_end_(!head.has_body()) {}

ChunkStep BodyDecoder::next(std::string_view input) {
    if (is_chunked_) {
        const ChunkStep step = chunked_.next(input);
        at_end_ = step.kind == ChunkStep::Kind::End;
        return step;
    }
    if (remaining_ == 0) return {ChunkStep::Kind::End, 0, {}};
    if (input.empty()) return {ChunkStep::Kind::NeedMore, 0, {}};
    const std::size_t size = std::min<std::uint64_t>(remaining_, input.size());
    remaining_ -= size;
    content_size_ += size;
    at_end_ = remaining_ == 0;
    return {ChunkStep::Kind::Data, size, input.substr(0, size)};
}

std::uint64_t BodyDecoder::content_size() const {
    return is_chunked_ ? chunked_.content_size() : content_size_;
}

}  // namespace osmia::http1
