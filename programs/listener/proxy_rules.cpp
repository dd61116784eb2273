#include "listener/proxy_rules.h"

#include <algorithm>

#include "http/ascii.h"

namespace osmia::listener {

namespace {

/// Addresses looked at, from the last: a request's other fields bound the rest.
constexpr int MaxForwarders = 32;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// "1.2.3.4", "1.2.3.4:5", "::1", "[::1]", "[::1]:5": the address; empty if it is none.
std::string_view address_in(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        text = end == std::string_view::npos ? std::string_view() : text.substr(1, end - 1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        text = text.substr(0, colon);
    }
    return NetworkPrefix::parse(text) && text.find('/') == std::string_view::npos ? text : std::string_view();
}

}  // namespace

ProxyRules::ProxyRules(const wire::SnapshotProxy& message)
    : wants_header_(message.proxy_protocol), reads_forwarded_for_(message.forwarded_for) {
    for (const auto& text : message.trusted) {
        if (const auto prefix = NetworkPrefix::parse(text)) trusted_.push_back(*prefix);
    }
}

bool ProxyRules::trusts(std::string_view address) const {
    return std::any_of(trusted_.begin(), trusted_.end(), [&](const NetworkPrefix& one) { return one.contains(address); });
}

std::string ProxyRules::client_of(std::string_view peer, std::span<const wire::RequestDescription::Header> headers) const {
    if (!reads_forwarded_for_ || !trusts(peer)) return {};
    std::string_view client;
    int looked_at = 0;
    // Several fields are one list (RFC 9110 section 5.3); the end of it is what the nearest proxy wrote.
    for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
        if (!http::iequals(field->name, "X-Forwarded-For")) continue;
        for (std::string_view rest = field->value; !rest.empty();) {
            const std::size_t comma = rest.rfind(',');
            const auto address = address_in(trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
            if (address.empty() || ++looked_at > MaxForwarders) return std::string(client);
            client = address;
            if (!trusts(address)) return std::string(client);
        }
    }
    return std::string(client);
}

}  // namespace osmia::listener
