/// \file
/// What a proxy says of its client before the first byte of TLS or HTTP: the PROXY protocol, versions 1 and 2 (HAProxy's
/// proxy-protocol.txt). Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace osmia::http1 {

/// The longest header that is taken, with its extensions (TLVs); the specification's largest would be 64 KiB.
inline constexpr std::size_t MaxProxyHeader = 4096;
/// The longest line of version 1, with its CRLF.
inline constexpr std::size_t MaxProxyLine = 107;

enum class ProxyState : std::uint8_t { NeedMore, Complete, Failed };

struct ProxyHeader {
    std::size_t size = 0;          ///< bytes of the header
    bool has_addresses = false;    ///< false: UNKNOWN, LOCAL, or a family without IP addresses: the socket's own count
    std::string source_address;    ///< in inet_ntop's spelling
    std::string destination_address;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
};

/// Looks at all bytes that have come. The outcome does not depend on how they were cut, but that a failure is told as
/// soon as it is certain. \a header is written for Complete only.
ProxyState parse_proxy_header(std::string_view bytes, ProxyHeader& header);

}  // namespace osmia::http1
