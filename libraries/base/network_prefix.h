/// \file
/// Addresses by their first bits: "10.0.0.0/8", "::1".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace osmia {

/// A value. An IPv4 address and the same one mapped into IPv6 (::ffff:10.0.0.1) are one.
class NetworkPrefix {
public:
    /// ADDRESS or ADDRESS/BITS, without host names; nothing for anything else. Bits beyond the prefix do not count.
    static std::optional<NetworkPrefix> parse(std::string_view text);
    /// False for a text that is no address.
    bool contains(std::string_view address) const;

private:
    std::array<std::uint8_t, 16> bytes_{};
    unsigned bits_ = 128;
};

}  // namespace osmia
