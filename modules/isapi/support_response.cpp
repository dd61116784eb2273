// ServerSupportFunction: codes that answer, end or cut.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "isapi/session.h"
#include "isapi/url_text.h"

namespace isapi {

namespace {

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
    const auto path = normal_url(url);
    if (!path || host_context_.RawIsHeadSet()) return fail(ERROR_INVALID_PARAMETER);
    IHttpContext* child = nullptr;
    HRESULT result = context_.CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS, &child);
    if (FAILED(result)) return fail(to_error(result));
    result = child->GetRequest()->SetUrl(path->c_str(), static_cast<DWORD>(path->size()), TRUE);
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
    {
        const std::lock_guard lock(mutex_);
        outcome_of_cut_ = ERROR_NETNAME_DELETED;
    }
    host_context_.CloseConnection(TRUE);
    return TRUE;
}

BOOL Session::abortive_close(LPVOID, LPDWORD, LPDWORD) {
    host_context_.CloseAbortively();
    return TRUE;
}

// "404 Object Not Found": the error page of that status, and the answer is complete.
BOOL Session::send_custom_error(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const auto& info = *static_cast<const HSE_CUSTOM_ERROR_INFO*>(buffer);
    const std::string_view text = info.pszStatus == nullptr ? "" : info.pszStatus;
    unsigned status = 0;
    const auto number = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool valid = number.ec == std::errc() && status >= 400 && status <= 599 && is_one_line(text);
    if (!valid || answered_ || context_.GetResponseHeadersSent()) return fail(ERROR_INVALID_PARAMETER);
    if (info.fAsync != FALSE && begin_operation(registered_completion()) == FALSE) return FALSE;
    std::string_view reason(number.ptr, static_cast<std::size_t>(text.data() + text.size() - number.ptr));
    reason.remove_prefix(std::min(reason.find_first_not_of(' '), reason.size()));
    context_.GetResponse()->Clear();
    context_.GetResponse()->SetStatus(static_cast<USHORT>(status), std::string(reason).c_str(), info.uHttpSubError);
    answered_ = true;
    if (info.fAsync == FALSE) {
        const HRESULT result = host_context_.RawFinish();
        return SUCCEEDED(result) ? TRUE : fail(to_error(result));
    }
    host_.QueueWork(
        [](PVOID session) {
            auto& self = *static_cast<Session*>(session);
            self.end_operation(0, self.host_context_.RawFinish());
        },
        this);
    return TRUE;
}

BOOL Session::set_flush_flag(LPVOID buffer, LPDWORD, LPDWORD) {
    const bool flush = buffer != nullptr;  // the value is the pointer itself
    host_context_.RawSetBuffering(flush ? FALSE : TRUE);
    if (flush) host_context_.RawFlush();
    return TRUE;
}

}  // namespace isapi
