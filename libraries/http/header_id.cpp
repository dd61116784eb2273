#include "http/header_id.h"

#include <array>

#include "http/ascii.h"

namespace osmia::http {

namespace {

// clang-format off
constexpr std::array<std::string_view, HeaderIdCount> Names = {
    "",
    "Cache-Control", "Connection", "Date", "Keep-Alive", "Pragma", "Trailer", "Transfer-Encoding", "Upgrade",
    "Via", "Warning", "Allow", "Content-Length", "Content-Type", "Content-Encoding", "Content-Language",
    "Content-Location", "Content-MD5", "Content-Range", "Expires", "Last-Modified",
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie", "Expect",
    "From", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
    "Max-Forwards", "Proxy-Authorization", "Referer", "Range", "TE", "Translate", "User-Agent", "Origin",
    "Proxy-Connection", "HTTP2-Settings", "traceparent", "tracestate", "X-Forwarded-For", "X-Forwarded-Proto",
    "X-Forwarded-Host", "X-Requested-With", "Upgrade-Insecure-Requests", "Sec-Fetch-Dest", "Sec-Fetch-Mode",
    "Sec-Fetch-Site", "Sec-Fetch-User",
    "Accept-Ranges", "Age", "ETag", "Location", "Proxy-Authenticate", "Retry-After", "Server", "Set-Cookie",
    "Vary", "WWW-Authenticate", "Content-Disposition", "Strict-Transport-Security",
    "Access-Control-Allow-Origin", "Alt-Svc", "X-Powered-By",
};
// clang-format on

constexpr std::size_t SlotCount = 512;

constexpr std::size_t slot_of(std::string_view name) {
    const auto at = [&](std::size_t i) { return static_cast<std::size_t>(to_lower(name[i])) & 0x7f; };
    const std::size_t n = name.size();
    return (n * 7 + at(0) * 13 + at(n / 2) * 31 + at(n - 1) * 67) % SlotCount;
}

/// Open addressing, built at compile time; 0 ends a probe sequence.
constexpr auto Slots = [] {
    std::array<std::uint8_t, SlotCount> slots{};
    for (std::size_t id = 1; id < HeaderIdCount; ++id) {
        std::size_t slot = slot_of(Names[id]);
        while (slots[slot] != 0) slot = (slot + 1) % SlotCount;
        slots[slot] = static_cast<std::uint8_t>(id);
    }
    return slots;
}();

}  // namespace

std::string_view header_name(HeaderId id) {
    return Names[static_cast<std::size_t>(id)];
}

HeaderId find_header_id(std::string_view name) {
    if (name.empty()) return HeaderId::Other;
    for (std::size_t slot = slot_of(name); Slots[slot] != 0; slot = (slot + 1) % SlotCount) {
        const std::string_view candidate = Names[Slots[slot]];
        // Most clients use the registered spelling, and whole words compare faster than letters.
        if (candidate == name || iequals(candidate, name)) return static_cast<HeaderId>(Slots[slot]);
    }
    return HeaderId::Other;
}

}  // namespace osmia::http
