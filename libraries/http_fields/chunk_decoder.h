/// \file
/// The chunked transfer coding, decoded incrementally (RFC 9112 section 7.1).
///
/// Two users: the listener decodes request bodies strictly (http1/chunked_body.h adds the trailer rules); the
/// worker undoes, tolerantly, the framing that an extension writes itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/limits.h"
#include "http_fields/header_block.h"

namespace osmia::http_fields {

/// Why a chunked body was refused.
enum class ChunkError : std::uint8_t {
    None,
    BadSize,            ///< no hexadecimal digit, or a size beyond 64 bits
    BadExtension,       ///< extensions that do not follow the grammar
    BadLineEnd,         ///< a bare LF or CR, or content longer than its chunk says
    LineTooLong,        ///< ChunkLimits::line_bytes
    ExtensionsTooLong,  ///< ChunkLimits::extension_bytes
    TrailerTooLong,     ///< ChunkLimits::trailer_bytes
};

/// What next() found.
struct ChunkStep {
    enum class Kind : std::uint8_t {
        NeedMore,  ///< the whole input is consumed and the body is not at its end
        Data,      ///< `data` is content; call again with the rest
        End,       ///< the body is complete, its trailer section included; what is left belongs to the next
                   ///< message
        Failed,    ///< see ChunkDecoder::error(); the connection cannot be used any more
    };
    Kind kind = Kind::NeedMore;
    std::size_t consumed = 0;    ///< bytes of the input used up by this step
    std::string_view data = {};  ///< content, a part of the input; empty unless Data
};

/// Decodes one chunked body fed in arbitrary pieces. Copies nothing but trailer lines (an allocation only
/// when there are any). The outcome does not depend on how the input is cut. Not synchronised.
class ChunkDecoder {
public:
    explicit ChunkDecoder(LineSyntax syntax, const http::ChunkLimits& limits = {})
        : limits_(limits), syntax_(syntax) {}

    /// Decodes the front of \a input. Call until NeedMore, End or Failed; after End and Failed it stays so.
    ///
    ///     while (!input.empty()) {
    ///         const ChunkStep step = decoder.next(input);
    ///         input.remove_prefix(step.consumed);
    ///         if (step.kind == ChunkStep::Kind::Data) use(step.data);
    ///         else break;
    ///     }
    ChunkStep next(std::string_view input);

    ChunkError error() const { return error_; }
    bool at_end() const { return state_ == State::End; }
    /// True from the last chunk's line on: all content is there, though the trailer section may not be. An
    /// extension that forgets the final empty line has still written a whole body.
    bool content_complete() const { return state_ >= State::TrailerStart && state_ <= State::End; }
    /// Content bytes handed out so far.
    std::uint64_t content_size() const { return content_size_; }
    /// The raw trailer section, line ends and final empty line included; empty without trailers. Valid after
    /// End.
    std::string_view trailer_section() const { return trailer_; }

private:
    // clang-format off
    enum class State : std::uint8_t {
        // Inside a chunk line.
        Size, AfterBlank, NameStart, Name, AfterName, ValueStart, Token, Quoted, QuotedPair, AfterQuoted, SizeLf,
        // The content and the line end behind it.
        Data, DataCr, DataLf,
        // The trailer section.
        TrailerStart, TrailerLine, TrailerLf, TrailerEndLf,
        End, Failed,
    };
    // clang-format on

    bool consume(char c);
    bool on_chunk_line(char c);
    bool on_extension(char c);
    bool on_line_end(char c);
    bool may_end_line() const;
    bool end_chunk_line();
    bool on_data_end(char c);
    bool on_trailer(char c);
    bool keep_trailer_byte(char c);
    bool go(State state);
    bool fail(ChunkError error);
    bool tolerant() const { return syntax_ == LineSyntax::Tolerant; }
    ChunkStep take_data(std::string_view input, std::size_t skipped);

    http::ChunkLimits limits_;
    std::uint64_t remaining_ =
        0;  // of the current chunk: its size as read so far, later what is still to come
    std::uint64_t content_size_ = 0;
    std::uint64_t extension_size_ = 0;
    std::uint32_t line_size_ = 0;
    std::string trailer_;
    LineSyntax syntax_;
    State state_ = State::Size;
    ChunkError error_ = ChunkError::None;
    bool has_digit_ = false;
};

}  // namespace osmia::http_fields
