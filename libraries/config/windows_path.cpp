#include "config/windows_path.h"

#include <algorithm>
#include <cstdlib>

#include "config/url_mapping.h"

namespace osmia::config {
namespace {

bool is_variable_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '(' ||
               c == ')';
    });
}

}  // namespace

std::string expand_variables(std::string_view text, std::vector<std::string>& unset) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = text.find('%');
        result += text.substr(0, open);
        if (open == std::string_view::npos) break;
        text.remove_prefix(open);
        const std::size_t close = text.find('%', 1);
        const std::string name(close == std::string_view::npos ? "" : text.substr(1, close - 1));
        if (!is_variable_name(name)) {
            result += '%';
            text.remove_prefix(1);
            continue;
        }
        const char* value = std::getenv(name.c_str());
        if (value != nullptr) {
            result += value;
        } else if (!equals_ignoring_case(name, "SystemDrive")) {
            result += text.substr(0, close + 1);
            unset.push_back(name);
        }
        text.remove_prefix(close + 1);
    }
    return result;
}

std::string to_linux_path(std::string_view text) {
    std::string path(text);
    std::replace(path.begin(), path.end(), '\\', '/');
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

bool has_drive_letter(std::string_view path) {
    if (path.size() < 2 || path[1] != ':') return false;
    const char letter = static_cast<char>(path[0] | 0x20);
    return letter >= 'a' && letter <= 'z';
}

void PathMappings::add(std::string_view from, std::string_view to) {
    mappings_.push_back({to_linux_path(from), to_linux_path(to)});
    std::stable_sort(mappings_.begin(), mappings_.end(),
                     [](const Mapping& left, const Mapping& right) { return left.from.size() > right.from.size(); });
}

std::string PathMappings::apply(std::string path) const {
    for (const Mapping& mapping : mappings_) {
        const std::size_t size = mapping.from.size();
        if (!equals_ignoring_case(std::string_view(path).substr(0, size), mapping.from)) continue;
        const bool whole = path.size() == size || path[size] == '/';
        if (whole) return mapping.to == "/" && path.size() > size ? path.substr(size) : mapping.to + path.substr(size);
    }
    return path;
}

}  // namespace osmia::config
