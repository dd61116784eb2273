/// \file
/// What a guest may write, and how it is shown.
#pragma once

#include <string>

namespace guestbook {

/// \a text without spaces and line ends around it, with "\n" for every line end and no other control characters.
inline std::string tidied(const std::string& text) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        auto c = static_cast<unsigned char>(text[at]);
        if (c == '\r') {
            if (at + 1 == text.size() || text[at + 1] != '\n') out += '\n';
        } else if (c >= 0x20 || c == '\n' || c == '\t') {
            if (c != 0x7F) out += text[at];
        }
    }
    size_t first = out.find_first_not_of(" \t\n");
    if (first == std::string::npos) return {};
    return out.substr(first, out.find_last_not_of(" \t\n") - first + 1);
}

/// The number of code points, or -1 when \a text is not UTF-8 (RFC 3629: no surrogates, nothing longer than needed).
inline long utf8_length(const std::string& text) {
    long count = 0;
    for (size_t at = 0; at < text.size(); ++count) {
        auto lead = static_cast<unsigned char>(text[at]);
        int more = lead < 0x80 ? 0 : lead >= 0xC2 && lead < 0xE0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
        if (more < 0 || at + static_cast<size_t>(more) >= text.size()) return -1;
        unsigned point = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int i = 1; i <= more; ++i) {
            auto next = static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
            if ((next & 0xC0) != 0x80) return -1;
            point = point << 6 | (next & 0x3Fu);
        }
        bool too_long = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (too_long || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return -1;
        at += static_cast<size_t>(more) + 1;
    }
    return count;
}

/// \a text for HTML, in content and in attributes.
inline std::string escaped(const std::string& text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace guestbook
