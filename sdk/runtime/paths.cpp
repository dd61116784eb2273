#include "paths.h"

#include <algorithm>

namespace osmia::win32 {

namespace {

bool starts_with_drive(std::string_view path) {
    if (path.size() < 2 || path[1] != ':') return false;
    char letter = path[0];
    bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    return is_letter && (path.size() == 2 || path[2] == '\\' || path[2] == '/');
}

}  // namespace

std::string posix_path(std::string_view path) {
    constexpr std::string_view kVerbatim = "\\\\?\\";
    if (path.starts_with(kVerbatim)) path.remove_prefix(kVerbatim.size());
    if (starts_with_drive(path)) path.remove_prefix(2);
    std::string result(path);
    std::replace(result.begin(), result.end(), '\\', '/');
    return result;
}

}  // namespace osmia::win32
