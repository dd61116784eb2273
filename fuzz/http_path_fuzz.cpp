// Paths from the network: an accepted one is absolute, well-formed, inside the root, and normal already when
// nothing in it can be decoded again.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "http/authority.h"
#include "http/path.h"

namespace {

using namespace osmia;

void require(bool condition) {
    if (!condition) std::abort();
}

bool has_dot_segment(std::string_view path) {
    return path.find("/./") != path.npos || path.find("/../") != path.npos || path.ends_with("/.") ||
           path.ends_with("/..");
}

void check_path(std::string_view path) {
    require(path.starts_with('/'));
    require(path.find("//") == path.npos && path.find('\\') == path.npos && path.find('\0') == path.npos);
    require(!has_dot_segment(path));
    for (const char c : path) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    std::vector<char> out(raw.size());
    const http::PathResult result = http::normalize_path(raw, out);
    require(result.size <= raw.size() && (result.ok() || result.size == 0));
    if (result.ok()) {
        const std::string_view path(out.data(), result.size);
        check_path(path);
        std::vector<char> again(path.size());
        const http::PathResult second = http::normalize_path(path, again);
        if (path.find('%') == path.npos) {
            require(second.ok() && std::string_view(again.data(), second.size) == path);
        }
    }
    const auto authority = http::parse_authority(raw);
    require(!authority || (!authority->host.empty() && raw.starts_with(authority->host)));
    return 0;
}
