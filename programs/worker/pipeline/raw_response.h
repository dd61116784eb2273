/// \file
/// RawResponse: turns what ISAPI extensions and CGI programs write into a structured response.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http_fields/chunk_decoder.h"
#include "http_fields/response_head.h"
#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// Undecided or unterminated head bytes beyond this are an error of the extension.
inline constexpr std::size_t MaxRawHeadBytes = 65536;

/// Pieces of files and memory that wait together; one more and they are sent.
inline constexpr std::size_t MaxHeldPieces = 64;

/// The raw output of one request. One thread at a time.
///
/// A status line, header block or chunk framing that the program writes itself is parsed here and becomes
/// structure; the framing on the wire is the listener's. Errors: Invalid, when what the program wrote is not
/// a response; Closed, when the client has gone.
class RawResponse {
public:
    explicit RawResponse(Exchange& exchange) : exchange_(exchange) {}

    /// HSE_REQ_SEND_RESPONSE_HEADER: \a status is "404 Not Found" or empty for "200 OK". Bytes behind the
    /// blank line are body. A block without its blank line may get it with the next write.
    Result<void> set_head(std::string_view status, std::string_view headers, bool keep_connection);
    /// Body bytes. Before any head they may begin with a status line or a header block; if they do not, the
    /// head is "200 OK" with text/html.
    Result<void> write(std::string_view bytes);
    Result<void> write_file(int fd, std::uint64_t offset, std::uint64_t length);
    Result<void> flush();
    /// The body ends \a bytes from here: its length, when the head has none and is not sent.
    void expect(std::uint64_t bytes);
    /// Ends the response and sends it whole: its length is known then, if nothing was sent before.
    Result<void> finish();
    /// The program has ended. What could not be decided is body. Invalid: the announced length or chunk
    /// framing does not hold, and the response was cut.
    Result<void> end();
    bool is_head_set() const { return state_ == State::Body; }

private:
    enum class State { Start, Body };

    Result<void> decide();
    Result<void> apply(const http_fields::StatusLine& status, const http_fields::HeaderBlock& block);
    Result<void> default_head();
    Result<void> write_body(std::string_view bytes);
    Result<void> write_content(std::string_view bytes);
    Result<void> broken(const char* what);

    Exchange& exchange_;
    State state_ = State::Start;
    std::string held_;  ///< first bytes, while it is not clear what they are
    bool wants_blank_line_ = false;
    std::optional<http_fields::ChunkDecoder> chunks_;
    std::optional<std::uint64_t> announced_;
    std::uint64_t written_ = 0;
    bool broken_ = false;
};

}  // namespace osmia::worker
