#include "http1/proxy_header.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace osmia::http1 {

namespace {

constexpr std::string_view Signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::string_view LineStart = "PROXY ";
constexpr std::size_t FixedSize = 16;

std::uint8_t byte(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
std::uint16_t number(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}

/// The spelling of \a text as inet_ntop has it; empty if it is no address of the family.
std::string normal_address(int family, std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> given{}, normal{};
    std::array<unsigned char, 16> address{};
    if (text.empty() || text.size() >= given.size()) return {};
    text.copy(given.data(), text.size());
    if (::inet_pton(family, given.data(), address.data()) != 1) return {};
    return ::inet_ntop(family, address.data(), normal.data(), normal.size()) == nullptr ? "" : normal.data();
}

std::string raw_address(int family, std::string_view bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

bool parse_port(std::string_view text, std::uint16_t& port) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size();
}

/// The word up to the next blank, which is taken too.
std::string_view next_word(std::string_view& rest) {
    const std::size_t blank = rest.find(' ');
    const std::string_view word = rest.substr(0, blank);
    rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
    return word;
}

ProxyState parse_line(std::string_view bytes, ProxyHeader& header) {
    const std::size_t feed = bytes.substr(0, MaxProxyLine).find('\n');
    if (feed == std::string_view::npos) return bytes.size() >= MaxProxyLine ? ProxyState::Failed : ProxyState::NeedMore;
    const std::size_t end = feed - 1;
    if (bytes[end] != '\r') return ProxyState::Failed;
    ProxyHeader result;
    result.size = end + 2;
    std::string_view rest = bytes.substr(LineStart.size(), end - LineStart.size());
    const std::string_view family = next_word(rest);
    if (family != "UNKNOWN") {
        if (family != "TCP4" && family != "TCP6") return ProxyState::Failed;
        const int kind = family == "TCP4" ? AF_INET : AF_INET6;
        result.has_addresses = true;
        result.source_address = normal_address(kind, next_word(rest));
        result.destination_address = normal_address(kind, next_word(rest));
        const bool ports = parse_port(next_word(rest), result.source_port) && rest.find(' ') == std::string_view::npos &&
                           parse_port(rest, result.destination_port);
        if (!ports || result.source_address.empty() || result.destination_address.empty()) return ProxyState::Failed;
    }
    header = std::move(result);
    return ProxyState::Complete;
}

ProxyState parse_binary(std::string_view bytes, ProxyHeader& header) {
    if (bytes.size() < FixedSize) {
        // The command's byte may already be wrong.
        const bool bad = bytes.size() > Signature.size() && (byte(bytes, 12) & ~1u) != 0x20;
        return bad ? ProxyState::Failed : ProxyState::NeedMore;
    }
    const unsigned command = byte(bytes, 12), family = byte(bytes, 13) >> 4;
    const std::size_t length = number(bytes, 14);
    if (command != 0x20 && command != 0x21) return ProxyState::Failed;
    if (FixedSize + length > MaxProxyHeader) return ProxyState::Failed;
    const std::size_t address = family == 1 ? 4 : family == 2 ? 16 : 0;
    const bool has_addresses = command == 0x21 && address != 0;
    if (has_addresses && length < 2 * address + 4) return ProxyState::Failed;
    if (bytes.size() < FixedSize + length) return ProxyState::NeedMore;
    ProxyHeader result;
    result.size = FixedSize + length;
    result.has_addresses = has_addresses;
    if (has_addresses) {
        const int kind = address == 4 ? AF_INET : AF_INET6;
        const std::string_view block = bytes.substr(FixedSize, length);
        result.source_address = raw_address(kind, block);
        result.destination_address = raw_address(kind, block.substr(address));
        result.source_port = number(block, 2 * address);
        result.destination_port = number(block, 2 * address + 2);
    }
    header = std::move(result);
    return ProxyState::Complete;
}

}  // namespace

ProxyState parse_proxy_header(std::string_view bytes, ProxyHeader& header) {
    const auto begins_with = [&](std::string_view start) { return bytes.substr(0, start.size()) == start.substr(0, bytes.size()); };
    if (begins_with(LineStart)) return bytes.size() < LineStart.size() ? ProxyState::NeedMore : parse_line(bytes, header);
    if (begins_with(Signature)) return bytes.size() < Signature.size() ? ProxyState::NeedMore : parse_binary(bytes, header);
    return ProxyState::Failed;
}

}  // namespace osmia::http1
