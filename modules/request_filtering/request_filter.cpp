#include "request_filtering/request_filter.h"

#include <algorithm>

namespace request_filtering {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_escape(std::string_view text, std::size_t at) {
    return at + 2 < text.size() && text[at] == '%' && digit(text[at + 1]) >= 0 && digit(text[at + 2]) >= 0;
}

bool has_bare_percent(std::string_view text) {
    for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        if (!is_escape(text, at)) return true;
    }
    return false;
}

// What a second decoding would change, it would change behind our back: also '+', which some decoders take for a blank.
bool is_escaped_twice(std::string_view raw_path) {
    const std::string once = unescape(raw_path);
    return once.find('+') != std::string::npos || unescape(once) != once;
}

bool has_high_bit(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool contains_any(std::string_view text, const std::vector<std::string>& parts) {
    if (parts.empty()) return false;
    const std::string lower = lower_case(text);
    return std::any_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return lower.find(part) != std::string::npos; });
}

// With its dot, lower-case; "." when there is none.
std::string extension_of(std::string_view segment) {
    const auto dot = segment.rfind('.');
    return dot == std::string_view::npos ? "." : lower_case(segment.substr(dot));
}

template <class Check>
bool any_segment(std::string_view path, const Check& check) {
    while (!path.empty()) {
        if (path.front() == '/') {
            path.remove_prefix(1);
            continue;
        }
        const std::string_view segment = path.substr(0, path.find('/'));
        if (check(segment)) return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

// A denied extension is denied in any segment, so that path info behind a file does not hide it; what is not listed is
// judged by the last segment.
bool denies_extension(const FilterSettings& settings, std::string_view path) {
    if (settings.extensions.empty() && settings.unlisted_extensions) return false;
    const bool denied = any_segment(path, [&](std::string_view segment) {
        const std::string extension = extension_of(segment);
        const auto found = settings.extensions.find(extension);
        return extension != "." && found != settings.extensions.end() && !found->second;
    });
    if (denied) return true;
    const auto found = settings.extensions.find(extension_of(path.substr(path.rfind('/') + 1)));
    return found == settings.extensions.end() ? !settings.unlisted_extensions : !found->second;
}

bool denies_verb(const FilterSettings& settings, std::string_view method) {
    const auto found = settings.verbs.find(std::string(method));
    return found == settings.verbs.end() ? !settings.unlisted_verbs : !found->second;
}

// Raw, and if so configured decoded.
bool denies_text(const FilteringRule& rule, std::string_view raw, bool decode) {
    if (rule.deny_unescaped_percent && has_bare_percent(raw)) return true;
    return contains_any(raw, rule.deny_strings) || (decode && contains_any(unescape(raw), rule.deny_strings));
}

bool denies(const FilteringRule& rule, const FilterSettings& settings, const Request& request, bool url_allowed,
            bool query_allowed) {
    const std::string extension = extension_of(request.path.substr(request.path.rfind('/') + 1));
    if (!rule.applies_to.empty() &&
        std::find(rule.applies_to.begin(), rule.applies_to.end(), extension) == rule.applies_to.end())
        return false;
    if (rule.scan_url && !url_allowed &&
        (denies_text(rule, request.raw_path, true) || contains_any(request.path, rule.deny_strings)))
        return true;
    if (rule.scan_query && !query_allowed && denies_text(rule, request.query, settings.unescape_query)) return true;
    if (rule.scan_raw_headers && contains_any(request.raw_headers(), rule.deny_strings)) return true;
    return std::any_of(rule.scan_headers.begin(), rule.scan_headers.end(),
                       [&](const std::string& name) { return denies_text(rule, request.header(name), true); });
}

}  // namespace

std::string unescape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!is_escape(text, at)) {
            out += text[at];
            continue;
        }
        out += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
        at += 2;
    }
    return out;
}

unsigned refusal(const FilterSettings& settings, const Request& request) {
    if (request.raw_path.size() > settings.max_url) return 14;
    if (request.query.size() > settings.max_query) return 15;
    const bool url_allowed =
        !settings.allowed_urls.empty() && settings.allowed_urls.contains(lower_case(request.path));
    const bool query_allowed =
        !settings.allowed_queries.empty() && settings.allowed_queries.contains(lower_case(request.query));
    if (!url_allowed) {
        if (!settings.allow_double_escaping && is_escaped_twice(request.raw_path)) return 11;
        if (!settings.allow_high_bits && has_high_bit(request.path)) return 12;
        if (contains_any(request.path, settings.url_sequences)) return 5;
    }
    if (denies_verb(settings, request.method)) return 6;
    if (denies_extension(settings, request.path)) return 7;
    if (!settings.hidden_segments.empty() && any_segment(request.path, [&](std::string_view segment) {
            return settings.hidden_segments.contains(lower_case(segment));
        }))
        return 8;
    for (const auto& [name, limit] : settings.header_limits) {
        if (request.header(name).size() > limit) return 10;
    }
    if (!query_allowed && (contains_any(request.query, settings.query_sequences) ||
                           (settings.unescape_query && contains_any(unescape(request.query), settings.query_sequences))))
        return 18;
    for (const FilteringRule& rule : settings.rules) {
        if (denies(rule, settings, request, url_allowed, query_allowed)) return 19;
    }
    return 0;
}

}  // namespace request_filtering
