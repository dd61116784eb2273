// ServerSupportFunction: URLs and paths.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isapi/session.h"

namespace isapi {

namespace {

std::string to_narrow(const WCHAR* text) {
    const int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
    if (length <= 0) return {};
    std::string out(static_cast<std::size_t>(length), '\0');
    WideCharToMultiByte(CP_UTF8, 0, text, -1, out.data(), length, nullptr, nullptr);
    out.pop_back();
    return out;
}

std::vector<WCHAR> to_wide(std::string_view text) {
    const std::string copy(text);
    const int length = MultiByteToWideChar(CP_UTF8, 0, copy.c_str(), -1, nullptr, 0);
    std::vector<WCHAR> out(static_cast<std::size_t>(length > 0 ? length : 1));
    if (length > 0) MultiByteToWideChar(CP_UTF8, 0, copy.c_str(), -1, out.data(), length);
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = c | 32;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Percent-decoding, once; backslashes become slashes; the query is dropped.
std::string decoded(const char* url) {
    std::string out;
    for (const char* at = url; *at != '\0' && *at != '?'; ++at) {
        char c = *at;
        if (c == '%' && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0) {
            c = static_cast<char>(hex_digit(at[1]) * 16 + hex_digit(at[2]));
            at += 2;
        }
        out += c == '\\' ? '/' : c;
    }
    return out;
}

// Runs of slashes become one, dots are resolved. Nothing for a NUL or a way above the root.
std::optional<std::string> normalized(std::string_view path) {
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

/// accessPolicy and HSE_URL_FLAGS number the same rights in the same way.
constexpr DWORD RightsMask =
    HSE_URL_FLAGS_READ | HSE_URL_FLAGS_WRITE | HSE_URL_FLAGS_EXECUTE | HSE_URL_FLAGS_SCRIPT;

}  // namespace

BOOL Session::map_url(LPVOID buffer, LPDWORD size, LPDWORD) {
    if (buffer == nullptr || size == nullptr) return fail(ERROR_INVALID_PARAMETER);
    OSMIA_URL_MAPPING mapping{};
    const HRESULT result = host_context_.MapUrl(static_cast<const char*>(buffer), &mapping);
    if (FAILED(result)) return fail(to_error(result));
    const DWORD needed = mapping.cchPhysicalPath + 1;
    const bool fits = *size >= needed;
    *size = needed;
    if (!fits) return fail(ERROR_INSUFFICIENT_BUFFER);
    std::memcpy(buffer, mapping.pszPhysicalPath, needed);
    return TRUE;
}

BOOL Session::map_unicode_url(LPVOID buffer, LPDWORD size, LPDWORD) {
    if (buffer == nullptr || size == nullptr) return fail(ERROR_INVALID_PARAMETER);
    OSMIA_URL_MAPPING mapping{};
    const HRESULT result =
        host_context_.MapUrl(to_narrow(static_cast<const WCHAR*>(buffer)).c_str(), &mapping);
    if (FAILED(result)) return fail(to_error(result));
    const auto path = to_wide({mapping.pszPhysicalPath, mapping.cchPhysicalPath});
    const auto needed = static_cast<DWORD>(path.size() * sizeof(WCHAR));
    const bool fits = *size >= needed;
    *size = needed;
    if (!fits) return fail(ERROR_INSUFFICIENT_BUFFER);
    std::memcpy(buffer, path.data(), needed);
    return TRUE;
}

BOOL Session::map_url_ex(LPVOID buffer, LPDWORD, LPDWORD type) {
    if (buffer == nullptr || type == nullptr) return fail(ERROR_INVALID_PARAMETER);
    OSMIA_URL_MAPPING mapping{};
    const HRESULT result = host_context_.MapUrl(static_cast<const char*>(buffer), &mapping);
    if (FAILED(result)) return fail(to_error(result));
    // IIS 6: a path that MAX_PATH cannot hold is an error, not a shorter path.
    if (mapping.cchPhysicalPath >= MAX_PATH) return fail(ERROR_INSUFFICIENT_BUFFER);
    auto& info = *reinterpret_cast<HSE_URL_MAPEX_INFO*>(type);
    std::memcpy(info.lpszPath, mapping.pszPhysicalPath, std::size_t{mapping.cchPhysicalPath} + 1);
    info.dwFlags = mapping.dwAccess & RightsMask;
    info.cchMatchingPath = mapping.cchMatchingPath;
    info.cchMatchingURL = mapping.cchMatchingUrl;
    return TRUE;
}

BOOL Session::map_unicode_url_ex(LPVOID buffer, LPDWORD, LPDWORD type) {
    if (buffer == nullptr || type == nullptr) return fail(ERROR_INVALID_PARAMETER);
    OSMIA_URL_MAPPING mapping{};
    const HRESULT result =
        host_context_.MapUrl(to_narrow(static_cast<const WCHAR*>(buffer)).c_str(), &mapping);
    if (FAILED(result)) return fail(to_error(result));
    const auto path = to_wide({mapping.pszPhysicalPath, mapping.cchPhysicalPath});
    if (path.size() > MAX_PATH) return fail(ERROR_INSUFFICIENT_BUFFER);
    auto& info = *reinterpret_cast<HSE_UNICODE_URL_MAPEX_INFO*>(type);
    std::memcpy(info.lpszPath, path.data(), path.size() * sizeof(WCHAR));
    info.dwFlags = mapping.dwAccess & RightsMask;
    info.cchMatchingPath = mapping.cchMatchingPath;
    info.cchMatchingURL = mapping.cchMatchingUrl;
    return TRUE;
}

BOOL Session::normalize_url(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    auto* url = static_cast<char*>(buffer);
    const auto normal = normalized(decoded(url));
    if (!normal || normal->size() > std::strlen(url)) return fail(ERROR_INVALID_PARAMETER);
    std::memcpy(url, normal->c_str(), normal->size() + 1);
    return TRUE;
}

}  // namespace isapi
