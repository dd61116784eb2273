/// \file
/// The head that a gateway program writes (RFC 3875 section 6.2): pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// A head larger than this is an error of the program.
inline constexpr std::size_t MaxHeadBytes = 65536;

/// What IOsmiaContext::RawSendHead() takes.
struct ResponseHead {
    std::string status;   ///< "404 Not Found"
    std::string headers;  ///< lines without Status, ended by an empty one
    std::size_t size = 0;  ///< bytes of the program's output that were the head
};

/// Where the head ends: the offset of what follows its empty line; npos when it is not there yet. Lines end in CRLF or LF.
std::size_t find_head_end(std::string_view output);

/// The head at the front of \a output, which has one. Nothing: it is not one. A Location without a Status is a 302.
std::optional<ResponseHead> parse_head(std::string_view output);

}  // namespace gateway
