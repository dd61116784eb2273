#include "http_fields/chunk_decoder.h"

#include <algorithm>

#include "http/ascii.h"
#include "http_fields/field_syntax.h"

namespace osmia::http_fields {

namespace {

/// What a quoted-string may hold besides quotes and backslashes (RFC 9110 section 5.6.4).
constexpr bool is_quotable(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

bool ChunkDecoder::go(State state) {
    state_ = state;
    return true;
}

bool ChunkDecoder::fail(ChunkError error) {
    error_ = error;
    state_ = State::Failed;
    return false;
}

bool ChunkDecoder::on_chunk_line(char c) {
    if (c == '\r' || c == '\n') return on_line_end(c);
    if (++line_size_ > limits_.line_bytes) return fail(ChunkError::LineTooLong);
    if (state_ != State::Size) return on_extension(c);
    const int digit = http::hex_value(c);
    if (digit < 0)
        return has_digit_ && (c == ';' || is_blank(c)) ? on_extension(c) : fail(ChunkError::BadSize);
    if (remaining_ >> 60 != 0) return fail(ChunkError::BadSize);
    remaining_ = remaining_ << 4 | static_cast<unsigned>(digit);
    has_digit_ = true;
    return true;
}

/// chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
bool ChunkDecoder::on_extension(char c) {
    if (++extension_size_ > limits_.extension_bytes) return fail(ChunkError::ExtensionsTooLong);
    switch (state_) {
        case State::NameStart:
            if (is_blank(c)) return true;
            return is_token_character(c) ? go(State::Name) : fail(ChunkError::BadExtension);
        case State::ValueStart:
            if (is_blank(c)) return true;
            if (c == '"') return go(State::Quoted);
            return is_token_character(c) ? go(State::Token) : fail(ChunkError::BadExtension);
        case State::Quoted:
            if (c == '"') return go(State::AfterQuoted);
            if (c == '\\') return go(State::QuotedPair);
            return is_quotable(c) ? true : fail(ChunkError::BadExtension);
        case State::QuotedPair:
            return is_quotable(c) ? go(State::Quoted) : fail(ChunkError::BadExtension);
        default:
            break;
    }
    // Size, AfterBlank, AfterQuoted, and inside or behind a name or a token value.
    const bool in_name = state_ == State::Name || state_ == State::AfterName;
    if (c == ';') return go(State::NameStart);
    if (c == '=' && in_name) return go(State::ValueStart);
    if (is_blank(c)) return go(in_name ? State::AfterName : State::AfterBlank);
    const bool in_token = state_ == State::Name || state_ == State::Token;
    return in_token && is_token_character(c) ? true : fail(ChunkError::BadExtension);
}

bool ChunkDecoder::may_end_line() const {
    switch (state_) {
        case State::Size:
        case State::Name:
        case State::Token:
        case State::AfterQuoted:
            return true;
        case State::AfterBlank:  // "5 CRLF": some old programs pad the size to a fixed width
        case State::AfterName:
            return tolerant();
        default:
            return false;
    }
}

bool ChunkDecoder::on_line_end(char c) {
    if (!has_digit_) return fail(ChunkError::BadSize);
    if (!may_end_line()) return fail(ChunkError::BadExtension);
    if (c == '\r') return go(State::SizeLf);
    return tolerant() ? end_chunk_line() : fail(ChunkError::BadLineEnd);
}

bool ChunkDecoder::end_chunk_line() {
    line_size_ = 0;
    has_digit_ = false;
    return go(remaining_ == 0 ? State::TrailerStart : State::Data);
}

bool ChunkDecoder::on_data_end(char c) {
    if (state_ == State::DataCr && c == '\r') return go(State::DataLf);
    if (c == '\n' && (state_ == State::DataLf || tolerant())) return go(State::Size);
    return fail(ChunkError::BadLineEnd);
}

bool ChunkDecoder::keep_trailer_byte(char c) {
    if (trailer_.size() == limits_.trailer_bytes) return fail(ChunkError::TrailerTooLong);
    trailer_.push_back(c);
    return true;
}

bool ChunkDecoder::on_trailer(char c) {
    const bool ends_section = state_ == State::TrailerStart || state_ == State::TrailerEndLf;
    // Without trailers nothing is kept, not even the empty line.
    if (!(ends_section && trailer_.empty() && (c == '\r' || c == '\n')) && !keep_trailer_byte(c))
        return false;
    if (state_ == State::TrailerLf || state_ == State::TrailerEndLf) {
        if (c != '\n') return fail(ChunkError::BadLineEnd);
        return go(ends_section ? State::End : State::TrailerStart);
    }
    if (c == '\r') return go(ends_section ? State::TrailerEndLf : State::TrailerLf);
    if (c != '\n') return go(State::TrailerLine);
    if (!tolerant()) return fail(ChunkError::BadLineEnd);
    return go(ends_section ? State::End : State::TrailerStart);
}

/// Every byte but content; false ends the decoding.
bool ChunkDecoder::consume(char c) {
    switch (state_) {
        case State::SizeLf:
            return c == '\n' ? end_chunk_line() : fail(ChunkError::BadLineEnd);
        case State::DataCr:
        case State::DataLf:
            return on_data_end(c);
        case State::TrailerStart:
        case State::TrailerLine:
        case State::TrailerLf:
        case State::TrailerEndLf:
            return on_trailer(c);
        default:
            return on_chunk_line(c);
    }
}

ChunkStep ChunkDecoder::take_data(std::string_view input, std::size_t skipped) {
    const std::size_t size = std::min<std::uint64_t>(remaining_, input.size() - skipped);
    remaining_ -= size;
    content_size_ += size;
    if (remaining_ == 0) state_ = State::DataCr;
    return {ChunkStep::Kind::Data, skipped + size, input.substr(skipped, size)};
}

ChunkStep ChunkDecoder::next(std::string_view input) {
    for (std::size_t i = 0;; ++i) {
        if (state_ == State::End) return {ChunkStep::Kind::End, i, {}};
        if (state_ == State::Failed) return {ChunkStep::Kind::Failed, i, {}};
        if (i == input.size()) return {ChunkStep::Kind::NeedMore, i, {}};
        if (state_ == State::Data) return take_data(input, i);
        consume(input[i]);
    }
}

}  // namespace osmia::http_fields
