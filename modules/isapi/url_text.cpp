#include "isapi/url_text.h"

#include <algorithm>
#include <vector>

namespace isapi {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = c | 32;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view path) {
    std::string out;
    for (std::size_t at = 0; at < path.size(); ++at) {
        char c = path[at];
        if (c == '%' && at + 2 < path.size() && hex_digit(path[at + 1]) >= 0 && hex_digit(path[at + 2]) >= 0) {
            c = static_cast<char>(hex_digit(path[at + 1]) * 16 + hex_digit(path[at + 2]));
            at += 2;
        }
        out += c == '\\' ? '/' : c;
    }
    return out;
}

std::optional<std::string> resolved(std::string_view path) {
    if (path.find('\0') != std::string_view::npos) return std::nullopt;
    std::vector<std::string_view> segments;
    bool folder = true;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        at = end + 1;
        folder = segment.empty() || segment == "." || segment == "..";
        if (segment == "..") {
            if (segments.empty()) return std::nullopt;
            segments.pop_back();
        } else if (!folder) {
            segments.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : segments) out.append("/").append(segment);
    if (folder || out.empty()) out += '/';
    return out;
}

}  // namespace

std::optional<std::string> normal_path(std::string_view url) {
    return resolved(decoded(url.substr(0, url.find('?'))));
}

std::optional<std::string> normal_url(std::string_view url) {
    auto path = normal_path(url);
    // A '?' that was encoded would begin a query now.
    if (!path || path->find('?') != std::string::npos) return std::nullopt;
    const auto question = url.find('?');
    return question == std::string_view::npos ? *path : *path + std::string(url.substr(question));
}

std::string to_narrow(const WCHAR* text) {
    if (text == nullptr) return {};
    const int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
    if (length <= 0) return {};
    std::string out(static_cast<std::size_t>(length), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), length, nullptr, nullptr);
    out.pop_back();
    return out;
}

bool is_one_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace isapi
