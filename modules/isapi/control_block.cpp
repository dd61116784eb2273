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

// Extensions write into these texts: each has a copy of its own.
char* writable(IHttpContext& context, std::string_view text) {
    auto* copy = static_cast<char*>(context.AllocateRequestMemory(static_cast<DWORD>(text.size() + 1)));
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
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
    USHORT length = 0;
    const PCSTR type = context_.GetRequest()->GetHeader("Content-Type", &length);
    block_.lpszMethod = writable(context_, context_.GetRequest()->GetHttpMethod());
    // GetText() copies into the request's memory; nobody else knows these copies.
    block_.lpszQueryString = const_cast<LPSTR>(host_context_.GetText(OSMIA_TEXT_QUERY));
    block_.lpszPathInfo = const_cast<LPSTR>(host_context_.GetText(OSMIA_TEXT_PATH_INFO));
    block_.lpszPathTranslated = const_cast<LPSTR>(host_context_.GetText(OSMIA_TEXT_PATH_TRANSLATED));
    block_.lpszContentType = writable(context_, type == nullptr ? std::string_view() : std::string_view(type, length));

    const ULONGLONG total = host_context_.GetContentLength();
    const DWORD limit = std::min(host_context_.GetReadAheadSize(), MaxReadAhead);
    const bool known = total != OSMIA_UNKNOWN_LENGTH;
    // A body of known length is waited for, up to the read-ahead; of a chunked one we take what is here.
    const DWORD wanted = known ? static_cast<DWORD>(std::min<ULONGLONG>(total, limit))
                               : std::min(limit, host_context_.GetAvailableBytes());
    // The extra byte is a NUL: extensions use lpbData as a C string.
    BYTE* read_ahead = &no_body_;
    if (wanted > 0) {
        read_ahead_.assign(std::size_t{wanted} + 1, 0);
        read_ahead = read_ahead_.data();
    }
    DWORD got = 0;
    while (got < wanted) {
        DWORD count = 0;
        if (FAILED(host_context_.ReadBody(read_ahead + got, wanted - got, &count))) return false;
        if (count == 0) break;
        got += count;
    }

    block_.cbSize = sizeof(EXTENSION_CONTROL_BLOCK);
    block_.dwVersion = BlockVersion;
    block_.ConnID = static_cast<EXTENSION_CONTROL_BLOCK*>(&block_);
    block_.session = this;
    block_.dwHttpStatusCode = 200;
    block_.cbTotalBytes = known && total < UnknownTotal ? static_cast<DWORD>(total) : UnknownTotal;
    block_.cbAvailable = got;
    block_.lpbData = read_ahead;
    block_.GetServerVariable = isapi::get_server_variable;
    block_.WriteClient = isapi::write_client;
    block_.ReadClient = isapi::read_client;
    block_.ServerSupportFunction = isapi::support_function;
    return true;
}

}  // namespace isapi
