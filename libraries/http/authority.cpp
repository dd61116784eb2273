#include "http/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "http/ascii.h"

namespace osmia::http {

namespace {

constexpr auto HostCharacters = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 0x80; ++c) {
        const char character = static_cast<char>(c);
        table[c] = is_alpha(character) || is_digit(character) ||
                   std::string_view("-._~").find(character) != std::string_view::npos;
    }
    return table;
}();

bool is_host_character(char c) {
    return HostCharacters[static_cast<unsigned char>(c)];
}

bool is_ipv6_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
    std::ranges::copy(text, copy.begin());
    in6_addr address;
    return inet_pton(AF_INET6, copy.data(), &address) == 1;
}

/// The length of the host at the front of \a text, or 0 when there is no valid one.
std::size_t host_length(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        return end != std::string_view::npos && is_ipv6_address(text.substr(1, end - 1)) ? end + 1 : 0;
    }
    const auto end = std::ranges::find_if_not(text, is_host_character);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return length <= MaxHostLength ? length : 0;
}

/// ":8080", ":" or nothing.
bool parse_port(std::string_view text, std::uint16_t& port) {
    if (text.empty() || text == ":") return true;
    if (text[0] != ':' || text.size() > 6) return false;
    unsigned value = 0;
    for (const char c : text.substr(1)) {
        if (!is_digit(c)) return false;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    port = static_cast<std::uint16_t>(value);
    return value >= 1 && value <= 65535;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    const std::size_t length = host_length(text);
    Authority authority{text.substr(0, length), 0};
    if (length == 0 || !parse_port(text.substr(length), authority.port)) return std::nullopt;
    return authority;
}

}  // namespace osmia::http
