/// \file
/// The authority of a request: "host", "host:port", "[v6]:port" (RFC 3986 section 3.2, RFC 9110 section 7.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace osmia::http {

/// The longest host name accepted (RFC 1035 section 2.3.4).
inline constexpr std::size_t MaxHostLength = 255;

/// A validated authority. Views into the parsed text.
struct Authority {
    std::string_view host = {};  ///< without port; an IPv6 address keeps its brackets
    std::uint16_t port = 0;      ///< 0 when none was given
};

/// Parses a Host field's value or an absolute target's authority.
///
/// Stricter than the grammar where the grammar allows two readings: no userinfo, no empty host (RFC 9110
/// section 4.2.1), no percent-encoding, no sub-delims (a comma makes one host look like two), no zone ids and
/// no IPvFuture; a host is letters, digits, "-", ".", "_", "~", or a valid IPv6 address in brackets. Port 0
/// and ports above 65535 are refused; an empty port
/// ("host:") is none.
std::optional<Authority> parse_authority(std::string_view text);

}  // namespace osmia::http
