#include "config/url_mapping.h"

#include <algorithm>

#include "base/result.h"

namespace osmia::config {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// How many bytes of \a url the path "/name" covers as whole segments; npos when it does not lead there. "/" covers 0.
std::size_t covered(std::string_view url, std::string_view path) {
    if (path == "/") return 0;
    if (url.size() < path.size() || !equals_ignoring_case(url.substr(0, path.size()), path)) {
        return std::string_view::npos;
    }
    const bool whole = url.size() == path.size() || url[path.size()] == '/';
    return whole ? path.size() : std::string_view::npos;
}

template <class Item>
const Item* longest(const std::vector<Item>& items, std::string_view url, std::size_t& length) {
    const Item* best = nullptr;
    for (const Item& item : items) {
        const std::size_t size = covered(url, item.path);
        if (size == std::string_view::npos || (best != nullptr && size <= length)) continue;
        best = &item;
        length = size;
    }
    return best;
}

}  // namespace

bool equals_ignoring_case(std::string_view text, std::string_view other) {
    return std::equal(text.begin(), text.end(), other.begin(), other.end(),
                      [](char left, char right) { return lower(left) == lower(right); });
}

UrlMapping map_url(const SiteConfiguration& site, std::string_view url_path) {
    UrlMapping mapping{};
    mapping.application = longest(site.applications, url_path, mapping.application_length);
    OSMIA_CHECK(mapping.application != nullptr, "a loaded site has a root application");
    const std::string_view below = url_path.substr(mapping.application_length);
    std::size_t length = 0;
    mapping.directory = longest(mapping.application->virtual_directories, below, length);
    OSMIA_CHECK(mapping.directory != nullptr, "a loaded application has a root virtual directory");
    mapping.directory_length = mapping.application_length + length;
    std::string_view rest = url_path.substr(mapping.directory_length);
    mapping.physical_path = mapping.directory->physical_path;
    if (mapping.physical_path.ends_with('/') && rest.starts_with('/')) rest.remove_prefix(1);
    mapping.physical_path += rest;
    return mapping;
}

}  // namespace osmia::config
