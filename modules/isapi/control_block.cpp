// The EXTENSION_CONTROL_BLOCK: its strings, its read-ahead and its four callbacks.
#include <algorithm>
#include <cstring>
#include <exception>
#include <string_view>

#include "isapi/session.h"

namespace isapi {

namespace {

/// IIS 7.5, as pECB->dwVersion.
constexpr DWORD BlockVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);

std::vector<char> writable(std::string_view text) {
    std::vector<char> copy(text.begin(), text.end());
    copy.push_back('\0');
    return copy;
}

BOOL bad_connection() {
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
}

BOOL WINAPI get_server_variable(HCONN connection, LPSTR name, LPVOID buffer, LPDWORD size) {
    if (connection == nullptr || name == nullptr || size == nullptr) return bad_connection();
    return Session::of(connection).get_server_variable(name, buffer, size);
}

BOOL WINAPI write_client(HCONN connection, LPVOID buffer, LPDWORD bytes, DWORD flags) {
    if (connection == nullptr || bytes == nullptr || (buffer == nullptr && *bytes != 0))
        return bad_connection();
    return Session::of(connection).write_client(buffer, bytes, flags);
}

BOOL WINAPI read_client(HCONN connection, LPVOID buffer, LPDWORD size) {
    if (connection == nullptr || size == nullptr || (buffer == nullptr && *size != 0))
        return bad_connection();
    return Session::of(connection).read_client(buffer, size);
}

BOOL WINAPI support_function(HCONN connection, DWORD code, LPVOID buffer, LPDWORD size, LPDWORD type) {
    if (connection == nullptr) return bad_connection();
    return Session::of(connection).support_function(code, buffer, size, type);
}

}  // namespace

bool Session::prepare() {
    const auto text = [&](OSMIA_TEXT which) {
        DWORD length = 0;
        const PCSTR value = host_context_.GetText(which, &length);
        return writable({value, length});
    };
    USHORT length = 0;
    const PCSTR type = context_.GetRequest()->GetHeader("Content-Type", &length);
    method_ = writable(context_.GetRequest()->GetHttpMethod());
    query_ = text(OSMIA_TEXT_QUERY);
    path_info_ = text(OSMIA_TEXT_PATH_INFO);
    path_translated_ = text(OSMIA_TEXT_PATH_TRANSLATED);
    content_type_ = writable(type == nullptr ? std::string_view() : std::string_view(type, length));

    const ULONGLONG total = host_context_.GetContentLength();
    const DWORD limit = std::min(host_context_.GetReadAheadSize(), MaxReadAhead);
    const bool known = total != OSMIA_UNKNOWN_LENGTH;
    // A body of known length is waited for, up to the read-ahead; of a chunked one we take what is here.
    const DWORD wanted = known ? static_cast<DWORD>(std::min<ULONGLONG>(total, limit))
                               : std::min(limit, host_context_.GetAvailableBytes());
    // The extra byte is a NUL: extensions use lpbData as a C string.
    read_ahead_.assign(std::size_t{wanted} + 1, 0);
    DWORD got = 0;
    while (got < wanted) {
        DWORD count = 0;
        if (FAILED(host_context_.ReadBody(read_ahead_.data() + got, wanted - got, &count))) return false;
        if (count == 0) break;
        got += count;
    }

    block_.cbSize = sizeof(EXTENSION_CONTROL_BLOCK);
    block_.dwVersion = BlockVersion;
    block_.ConnID = static_cast<EXTENSION_CONTROL_BLOCK*>(&block_);
    block_.session = this;
    block_.dwHttpStatusCode = 200;
    block_.lpszMethod = method_.data();
    block_.lpszQueryString = query_.data();
    block_.lpszPathInfo = path_info_.data();
    block_.lpszPathTranslated = path_translated_.data();
    block_.cbTotalBytes = known && total < UnknownTotal ? static_cast<DWORD>(total) : UnknownTotal;
    block_.cbAvailable = got;
    block_.lpbData = read_ahead_.data();
    block_.lpszContentType = content_type_.data();
    block_.GetServerVariable = isapi::get_server_variable;
    block_.WriteClient = isapi::write_client;
    block_.ReadClient = isapi::read_client;
    block_.ServerSupportFunction = isapi::support_function;
    return true;
}

}  // namespace isapi
