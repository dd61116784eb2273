#include "gateway/response_head.h"

#include <algorithm>

namespace gateway {

namespace {

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != marks.npos;
    });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_status(std::string_view text) {
    if (text.size() < 3 || text[0] < '2' || text[0] > '5') return false;
    const bool digits = std::all_of(text.begin(), text.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
    return digits && (text.size() == 3 || text[3] == ' ');
}

}  // namespace

std::size_t find_head_end(std::string_view output) {
    std::size_t line = 0;
    for (std::size_t end = output.find('\n'); end != std::string_view::npos; end = output.find('\n', line)) {
        const bool empty = end == line || (end == line + 1 && output[line] == '\r');
        line = end + 1;
        if (empty) return line;
    }
    return std::string_view::npos;
}

std::optional<ResponseHead> parse_head(std::string_view output) {
    const std::size_t end = find_head_end(output);
    if (end == std::string_view::npos) return std::nullopt;
    ResponseHead head;
    head.size = end;
    bool location = false, any = false;
    for (std::string_view rest = output.substr(0, end); !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
        const std::string_view name = line.substr(0, colon), value = trim(line.substr(colon + 1));
        any = true;
        location = location || same_name(name, "Location");
        if (!same_name(name, "Status")) {
            head.headers.append(name).append(": ").append(value).append("\r\n");
        } else if (is_status(value)) {
            head.status = value;
        } else {
            return std::nullopt;
        }
    }
    if (!any) return std::nullopt;
    if (head.status.empty()) head.status = location ? "302 Found" : "200 OK";
    head.headers += "\r\n";
    return head;
}

}  // namespace gateway
