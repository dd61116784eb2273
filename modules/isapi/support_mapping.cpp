// ServerSupportFunction: URLs and paths.
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isapi/session.h"
#include "isapi/url_text.h"

namespace isapi {

namespace {

std::vector<WCHAR> to_wide(std::string_view text) {
    const std::string copy(text);
    const int length = MultiByteToWideChar(CP_UTF8, 0, copy.c_str(), -1, nullptr, 0);
    std::vector<WCHAR> out(static_cast<std::size_t>(length > 0 ? length : 1));
    if (length > 0) MultiByteToWideChar(CP_UTF8, 0, copy.c_str(), -1, out.data(), length);
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
    const auto normal = normal_path(url);
    if (!normal || normal->size() > std::strlen(url)) return fail(ERROR_INVALID_PARAMETER);
    std::memcpy(url, normal->c_str(), normal->size() + 1);
    return TRUE;
}

}  // namespace isapi
