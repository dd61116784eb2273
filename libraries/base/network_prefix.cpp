#include "base/network_prefix.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace osmia {

namespace {

constexpr unsigned MappedBits = 96;

struct Address {
    std::array<std::uint8_t, 16> bytes{};
    bool is_v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (text.empty() || text.size() >= buffer.size()) return std::nullopt;
    text.copy(buffer.data(), text.size());
    Address address;
    if (::inet_pton(AF_INET6, buffer.data(), address.bytes.data()) == 1) return address;
    address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    address.is_v4 = true;
    if (::inet_pton(AF_INET, buffer.data(), address.bytes.data() + 12) != 1) return std::nullopt;
    return address;
}

}  // namespace

std::optional<NetworkPrefix> NetworkPrefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    NetworkPrefix prefix;
    prefix.bytes_ = address->bytes;
    if (slash == std::string_view::npos) return prefix;
    const std::string_view digits = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    const unsigned most = address->is_v4 ? 32 : 128;
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || bits > most) return std::nullopt;
    prefix.bits_ = address->is_v4 ? MappedBits + bits : bits;
    return prefix;
}

bool NetworkPrefix::contains(std::string_view text) const {
    const auto address = parse_address(text);
    if (!address) return false;
    const std::size_t whole = bits_ / 8;
    if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole), address->bytes.begin())) return false;
    if (bits_ % 8 == 0) return true;
    const unsigned mask = 0xff00u >> (bits_ % 8);
    return ((bytes_[whole] ^ address->bytes[whole]) & mask & 0xff) == 0;
}

}  // namespace osmia
