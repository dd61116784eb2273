/// \file
/// RequestParser: bytes from the network to one RequestHead, strictly by RFC 9112.
///
/// Where the RFC leaves a choice, the strict one is taken: every line ends with CRLF; a bare CR or LF in the
/// head is refused; so are white space before the colon or in front of the first field, line folding, a
/// second Content-Length (even the same again), Content-Length beside Transfer-Encoding, any
/// Transfer-Encoding but "chunked" alone and in HTTP/1.1, a second Host, control characters anywhere, bytes
/// above 0x7f or a "#" in the target. One empty line before the request line is tolerated (section 2.2).
/// Unlike http.sys no bare LF and no white space between request line and fields is let through: those are
/// request-smuggling hazards. Like http.sys, printable characters that RFC 3986 would have encoded
/// (" < > [ \ ] ^ ` { | }) are accepted in the target: old clients send them and they have one meaning only.
/// As http.sys does, a POST or PUT without Content-Length and Transfer-Encoding is answered with 411 (RFC
/// 9110 section 15.5.12 allows it), and CONNECT with 405.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/limits.h"
#include "http1/request_error.h"
#include "http1/request_head.h"

namespace osmia::http1 {

enum class ParseState { NeedMore, Complete, Failed };

/// Parses request heads, one after another, from a buffer that the caller owns and fills. One object per
/// connection (or per reactor, for heads that arrive whole). Never allocates. Not synchronised.
class RequestParser {
public:
    explicit RequestParser(const http::HeadLimits& limits = {});

    /// Looks at all bytes received so far for this request: \a buffer begins at the request's first byte each
    /// time and only ever grows (it may have moved). Finished lines are not looked at again. The outcome does
    /// not depend on how the bytes were cut, except that an error is reported as soon as it is certain. After
    /// Complete or Failed it stays so until reset().
    ParseState parse(std::string_view buffer);

    /// The result; valid after Complete.
    const RequestHead& request() const { return head_; }
    RequestHead& request() { return head_; }
    /// Why it failed; valid after Failed. The head may be used for the log as far as it got: method_token()
    /// and target() are empty until the request line was read.
    const RequestError& error() const { return error_; }

    /// True once any byte of a request (beyond the tolerated empty line) was seen: the connection is not idle
    /// any more.
    bool started() const { return state_ != State::Start; }

    /// Makes ready for the next request, whose first byte will be at the front of the buffer.
    void reset();

private:
    enum class State : unsigned char { Start, RequestLine, Fields, Complete, Failed };

    /// The furthest offset at which a line's LF may stand, and the refusal when it does not.
    struct LineBound {
        std::size_t last;
        RequestError too_long;
    };

    // Each of these returns false when it can go no further: more bytes are needed, or state_ is Failed.
    bool read_start(std::string_view buffer);
    bool read_request_line(std::string_view buffer);
    bool read_field_line(std::string_view buffer);
    bool take_line(std::string_view buffer, LineBound bound, std::string_view& line);
    LineBound field_bound() const;

    bool parse_request_line(std::string_view line);
    bool parse_version(std::string_view text);
    bool parse_target(std::string_view target);
    bool parse_absolute_target(std::string_view target);
    bool parse_field(std::string_view line);
    void split_query(std::string_view path);
    bool finish();

    bool fail(RequestError error);
    bool fail_line(std::string_view line, RequestError error);
    Slice slice(std::string_view part) const;

    http::HeadLimits limits_;
    RequestError error_;
    std::size_t line_start_ = 0;     // of the line being read
    std::size_t scanned_ = 0;        // there is no LF from line_start_ up to here
    std::size_t section_start_ = 0;  // of the header section
    State state_ = State::Start;
    RequestHead head_;
};

}  // namespace osmia::http1
