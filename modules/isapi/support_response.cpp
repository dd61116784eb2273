// ServerSupportFunction: codes that answer, end or cut.
#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "isapi/session.h"

namespace isapi {

namespace {

/// A URL or status must stay on its line: what follows a control character would become a header of its own.
bool is_one_line(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Lengths that extensions give sometimes count the NUL; the text ends there in any case.
std::string_view bounded(LPCSTR text, DWORD length) {
    return text == nullptr ? std::string_view() : std::string_view(text, ::strnlen(text, length));
}

}  // namespace

BOOL Session::send_head(std::string_view status, std::string_view headers, bool keep) {
    const std::string line(status);
    const HRESULT result =
        host_context_.RawSendHead(line.c_str(), headers.data(), static_cast<DWORD>(headers.size()), keep);
    return SUCCEEDED(result) ? TRUE : fail(ERROR_INVALID_PARAMETER);
}

BOOL Session::send_redirect(LPVOID buffer, LPDWORD, LPDWORD) {
    // The length is not reliably set by extensions (facts): the text's own end counts.
    const std::string_view url = buffer == nullptr ? "" : static_cast<const char*>(buffer);
    if (url.empty() || !is_one_line(url)) return fail(ERROR_INVALID_PARAMETER);
    const std::string headers =
        "Location: " + std::string(url) +
        "\r\nContent-Type: text/html\r\n\r\n"
        "<head><title>Object moved</title></head>\n<body><h1>Object moved</h1></body>\n";
    return send_head("302 Found", headers, true);
}

BOOL Session::send_url(LPVOID buffer, LPDWORD size, LPDWORD type) {
    const std::string_view url = buffer == nullptr ? "" : static_cast<const char*>(buffer);
    if (url.empty() || !is_one_line(url)) return fail(ERROR_INVALID_PARAMETER);
    if (url.front() != '/') return send_redirect(buffer, size, type);
    if (host_context_.RawIsHeadSet()) return fail(ERROR_INVALID_PARAMETER);
    IHttpContext* child = nullptr;
    HRESULT result = context_.CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS, &child);
    if (FAILED(result)) return fail(to_error(result));
    result = child->GetRequest()->SetUrl(url.data(), static_cast<DWORD>(url.size()), TRUE);
    if (SUCCEEDED(result)) result = child->GetRequest()->SetHttpMethod("GET");
    if (SUCCEEDED(result)) result = context_.ExecuteRequest(FALSE, child, 0, nullptr);
    child->ReleaseClonedContext();
    redispatched_ = SUCCEEDED(result);
    return redispatched_ ? TRUE : fail(to_error(result));
}

BOOL Session::send_header(LPVOID buffer, LPDWORD, LPDWORD type) {
    const std::string_view status = buffer == nullptr ? "" : static_cast<const char*>(buffer);
    const std::string_view headers = type == nullptr ? "" : reinterpret_cast<const char*>(type);
    // The connection may stay open whatever the extension announced: the framing is the server's own.
    return send_head(status, headers, true);
}

BOOL Session::send_header_ex(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const auto& info = *static_cast<const HSE_SEND_HEADER_EX_INFO*>(buffer);
    return send_head(bounded(info.pszStatus, info.cchStatus), bounded(info.pszHeader, info.cchHeader),
                     info.fKeepConn != FALSE);
}

BOOL Session::done_with_session(LPVOID buffer, LPDWORD, LPDWORD) {
    signal_end(buffer == nullptr ? HSE_STATUS_SUCCESS : *static_cast<const DWORD*>(buffer));
    return TRUE;  // the session may be gone
}

BOOL Session::close_connection(LPVOID, LPDWORD, LPDWORD) {
    host_context_.CloseConnection(FALSE);
    return TRUE;
}

BOOL Session::abortive_close(LPVOID, LPDWORD, LPDWORD) {
    host_context_.CloseConnection(TRUE);
    return TRUE;
}

BOOL Session::set_flush_flag(LPVOID buffer, LPDWORD, LPDWORD) {
    const bool flush = buffer != nullptr;  // the value is the pointer itself
    host_context_.RawSetBuffering(flush ? FALSE : TRUE);
    if (flush) host_context_.RawFlush();
    return TRUE;
}

}  // namespace isapi
