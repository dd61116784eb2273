#include "config/binding_information.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "config/folder_configuration.h"

namespace osmia::config {
namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

/// The address in the system's own spelling, so that equal addresses are equal texts; empty when it is none.
std::string canonical_address(int family, std::string_view text) {
    unsigned char bytes[sizeof(in6_addr)];
    char canonical[INET6_ADDRSTRLEN];
    if (::inet_pton(family, std::string(text).c_str(), bytes) != 1) return {};
    if (::inet_ntop(family, bytes, canonical, sizeof canonical) == nullptr) return {};
    return canonical;
}

bool is_host_name(std::string_view host) {
    if (host.starts_with("*.")) host.remove_prefix(2);
    if (host.empty() || host.size() > max_host_name) return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || (c & 0x80) != 0;
    });
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return make_error(ErrorKind::Invalid, "'{}' is no port; give a number from 1 to 65535", text);
    }
    return port;
}

Result<Binding> parse_unix(std::string_view path) {
    Binding binding;
    binding.protocol = "http";
    binding.unix_path = path;
    if (!path.starts_with('/')) return make_error(ErrorKind::Invalid, "the socket path '{}' is not absolute", path);
    if (path.find(':') != std::string_view::npos) return make_error(ErrorKind::Invalid, "a socket path has no ':'");
    if (path.size() > max_unix_path) {
        return make_error(ErrorKind::Invalid, "the socket path is longer than {} bytes", max_unix_path);
    }
    return binding;
}

/// Splits "HOST:PORT" or "[v6]:PORT" behind the address; the rest of \a text stays.
Result<std::string> take_address(std::string_view& text) {
    if (text.starts_with('[')) {
        const std::size_t close = text.find("]:");
        const std::string address =
            close == std::string_view::npos ? std::string() : canonical_address(AF_INET6, text.substr(1, close - 1));
        if (address.empty()) return make_error(ErrorKind::Invalid, "'{}' holds no IPv6 address in brackets", text);
        text.remove_prefix(close + 2);
        return address;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return make_error(ErrorKind::Invalid, "'{}' has no port", text);
    const std::string_view name = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    if (name == "*" || name.empty()) return std::string("*");
    std::string address = canonical_address(AF_INET, name);
    if (address.empty()) return make_error(ErrorKind::Invalid, "'{}' is no IP address; give one, or *", name);
    return address;
}

}  // namespace

Result<Binding> parse_binding_information(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text.substr(5));
    if (std::count(text.begin(), text.end(), ':') < 2) {
        return make_error(ErrorKind::Invalid, "'{}' is no binding; give IP:PORT:HOST, such as *:80: or 127.0.0.1:8080:",
                          text);
    }
    Binding binding;
    binding.protocol = "http";
    binding.address = OSMIA_TRY(take_address(text));
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return make_error(ErrorKind::Invalid, "'{}': ':HOST' is missing", text);
    binding.port = OSMIA_TRY(parse_port(text.substr(0, colon)));
    binding.host = lower_case(text.substr(colon + 1));
    if (!binding.host.empty() && !is_host_name(binding.host)) {
        return make_error(ErrorKind::Invalid, "'{}' is no host name", binding.host);
    }
    return binding;
}

std::string format_binding_information(const Binding& binding) {
    if (binding.is_unix()) return "unix:" + binding.unix_path;
    const bool v6 = binding.address.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}:{}", v6 ? "[" : "", binding.address, v6 ? "]" : "", binding.port, binding.host);
}

Result<std::string> binding_information(std::string_view listen) {
    if (listen.starts_with("unix:")) {
        return format_binding_information(OSMIA_TRY(parse_unix(listen.substr(5))));
    }
    std::string text(listen);
    if (text.starts_with("localhost:")) text.replace(0, 9, "127.0.0.1");
    std::string_view rest = text;
    Binding binding;
    binding.address = OSMIA_TRY(take_address(rest));
    binding.port = OSMIA_TRY(parse_port(rest));
    return format_binding_information(binding);
}

}  // namespace osmia::config
