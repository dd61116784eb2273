#include "http_redirection/destination.h"

#include <osmia_module.h>

namespace http_redirection {

namespace {

using Captures = std::vector<std::string_view>;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::size_t find(std::string_view text, std::string_view part, std::size_t from) {
    for (std::size_t at = from; at + part.size() <= text.size(); ++at) {
        if (same(text.substr(at, part.size()), part)) return at;
    }
    return std::string_view::npos;
}

// Each '*' takes as little as it can, the last one everything up to the pattern's end.
bool match(std::string_view pattern, std::string_view text, Captures& captures) {
    captures.clear();
    const std::size_t first = pattern.find('*');
    if (first == std::string_view::npos) return same(pattern, text);
    if (first > text.size() || !same(pattern.substr(0, first), text.substr(0, first))) return false;
    std::size_t at = first;
    pattern.remove_prefix(first);
    while (!pattern.empty()) {
        pattern.remove_prefix(1);  // the '*'
        const std::string_view literal = pattern.substr(0, pattern.find('*'));
        const bool last = literal.size() == pattern.size();
        const std::size_t end = !last ? find(text, literal, at)
                                : text.size() - at < literal.size() ? std::string_view::npos
                                                                    : text.size() - literal.size();
        if (end == std::string_view::npos || !same(text.substr(end, literal.size()), literal)) return false;
        captures.push_back(text.substr(at, end - at));
        at = end + literal.size();
        pattern.remove_prefix(literal.size());
    }
    return true;
}

bool has_variable(std::string_view destination) {
    for (std::size_t at = destination.find('$'); at != std::string_view::npos; at = destination.find('$', at + 1)) {
        if (at + 1 < destination.size() && std::string_view("VSQP0123456789$").find(destination[at + 1]) != std::string_view::npos)
            return true;
    }
    return false;
}

std::string expand(std::string_view destination, const Requested& requested, const Captures& captures) {
    std::string out;
    for (std::size_t at = 0; at < destination.size(); ++at) {
        const char next = at + 1 < destination.size() && destination[at] == '$' ? destination[at + 1] : '\0';
        switch (next) {
            case 'V': out += OsmiaEncodePath(requested.path); break;
            case 'S': out += OsmiaEncodePath(requested.suffix); break;
            case 'Q': out.append(requested.query.empty() ? "" : "?").append(requested.query); break;
            case 'P': out += requested.query; break;
            case '$': out += '$'; break;
            default:
                if (next < '0' || next > '9') {
                    out += destination[at];
                    continue;
                }
                if (const auto number = static_cast<std::size_t>(next - '0'); number < captures.size())
                    out += OsmiaEncodePath(captures[number]);
        }
        ++at;
    }
    return out;
}

std::string with_suffix(const Rules& rules, const Requested& requested) {
    std::string out = rules.destination;
    std::string_view suffix = requested.suffix;
    if (out.ends_with('/') && suffix.starts_with('/')) suffix.remove_prefix(1);
    out += OsmiaEncodePath(suffix);
    if (!requested.query.empty()) out.append(out.find('?') == std::string::npos ? "?" : "&").append(requested.query);
    return out;
}

}  // namespace

std::optional<std::string> location(const Rules& rules, const Requested& requested) {
    const std::string_view below = requested.suffix.substr(requested.suffix.starts_with('/') ? 1 : 0);
    if (rules.child_only && below.find('/') != std::string_view::npos) return std::nullopt;
    Captures captures;
    for (const auto& [pattern, destination] : rules.wildcards) {
        if (match(pattern, pattern.starts_with('/') ? requested.path : below, captures))
            return expand(destination, requested, captures);
    }
    if (rules.destination.empty()) return std::nullopt;
    if (rules.exact || has_variable(rules.destination)) return expand(rules.destination, requested, {});
    return with_suffix(rules, requested);
}

}  // namespace http_redirection
