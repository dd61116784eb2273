/// \file
/// Header blocks as programs write them: ISAPI extensions, CGI programs, trailer sections.
///
/// Not for requests from the network: those are parsed in http1, strictly. Here the writer is local code of
/// many ages, so line ends may be CRLF or LF alone and blanks before the colon are dropped; but nothing that
/// could become a second header, a second response or a second reading survives: control characters, NUL and
/// bare CR are refused, and so is line folding.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/header_id.h"

namespace osmia::http_fields {

/// One field. Views into the parsed text.
struct Field {
    std::string_view name = {};
    std::string_view value = {};
    http::HeaderId id = http::HeaderId::Other;
};

/// Bounds on a block; beyond either one the block is refused with Invalid.
struct HeaderBlockLimits {
    std::size_t bytes = 65536;  ///< the blank line included
    std::size_t fields = 100;
};

/// How strictly lines are read.
enum class LineSyntax {
    Tolerant,  ///< CRLF or LF; blanks before the colon dropped
    Strict,    ///< CRLF only; nothing before the colon but the name (RFC 9112 section 5)
};

/// A parsed block. The fields' views live as long as the text.
struct HeaderBlock {
    std::vector<Field> fields;
    std::size_t size = 0;     ///< where what follows begins: behind the blank line, or the text's size
    bool terminated = false;  ///< the blank line was there

    /// The first field of that identity, or null.
    const Field* find(http::HeaderId id) const;
};

/// Parses the fields at the front of \a text up to and including the blank line. A block that ends with the
/// text, without a blank line, is complete as well (terminated stays false): extensions pass zero-terminated
/// strings. Whoever collects a block in pieces asks find_block_end() first. Errors: Invalid, naming the line.
Result<HeaderBlock> parse_header_block(std::string_view text, LineSyntax syntax = LineSyntax::Tolerant,
                                       const HeaderBlockLimits& limits = {});

/// Where the blank line that ends a header block ends (CRLF CRLF, LF LF or mixed), or npos when \a text has
/// none yet. A text that begins with a line end is an empty block.
std::size_t find_block_end(std::string_view text);

}  // namespace osmia::http_fields
