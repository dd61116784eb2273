/// \file
/// Response heads that an extension writes itself: "HTTP/1.1 200 OK\r\nContent-Type: ...\r\n\r\n<body>", the
/// status strings of HSE_REQ_SEND_RESPONSE_HEADER ("404 Not Found"), and telling a head from a body.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http_fields/header_block.h"

namespace osmia::http_fields {

/// A status with its reason phrase. The phrase is a view into the parsed text and may be empty.
struct StatusLine {
    unsigned status = 200;
    std::string_view reason = {};
};

/// Parses a status text without version: "200 OK", "200", "404 Not Found". Blanks around it are dropped.
/// Invalid unless it begins with three digits from 100 to 999 that stand alone, and holds no control
/// characters.
Result<StatusLine> parse_status_text(std::string_view text);

/// Parses "HTTP/1.1 200 OK" (any version digits, without its line end).
Result<StatusLine> parse_status_line(std::string_view line);

/// What the first bytes of an extension's raw output are.
enum class OutputKind {
    Undecided,    ///< too short to tell; more bytes are needed
    StatusLine,   ///< a whole head: begins with "HTTP/"
    HeaderBlock,  ///< begins with "Name:"
    Body,         ///< no head at all
};

/// Judges the first bytes that an extension writes without having sent headers (facts: such extensions exist
/// in all three kinds). A header line must be a token, a colon and a line end within \a limit bytes, or it is
/// Body.
OutputKind classify_output(std::string_view text, std::size_t limit = 4096);

/// A whole head written by an extension.
struct ResponseHead {
    StatusLine status;  ///< 200 without a phrase when only a header block was there
    HeaderBlock block;
    std::size_t size = 0;  ///< where the body begins
};

/// Parses a status line, when the text begins with "HTTP/", and the header block behind it. A "Status: 404
/// Not Found" field (CGI, RFC 3875 section 6.3.3) is left among the fields. Errors: Invalid.
Result<ResponseHead> parse_response_head(std::string_view text, const HeaderBlockLimits& limits = {});

}  // namespace osmia::http_fields
