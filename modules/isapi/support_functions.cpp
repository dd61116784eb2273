// ServerSupportFunction: the table of codes, and the small ones.
#include <cstring>

#include "isapi/session.h"

namespace isapi {

Session::Support Session::find_support(DWORD code) {
    switch (code) {
        case HSE_REQ_SEND_URL_REDIRECT_RESP:
            return &Session::send_redirect;
        case HSE_REQ_SEND_URL:
            return &Session::send_url;
        case HSE_REQ_SEND_RESPONSE_HEADER:
            return &Session::send_header;
        case HSE_REQ_DONE_WITH_SESSION:
            return &Session::done_with_session;
        case HSE_REQ_MAP_URL_TO_PATH:
            return &Session::map_url;
        case HSE_APPEND_LOG_PARAMETER:
            return &Session::append_log;
        case HSE_REQ_IO_COMPLETION:
            return &Session::io_completion;
        case HSE_REQ_TRANSMIT_FILE:
            return &Session::transmit_file;
        case HSE_REQ_REFRESH_ISAPI_ACL:
            return &Session::refresh_acl;
        case HSE_REQ_IS_KEEP_CONN:
            return &Session::is_keep_connection;
        case HSE_REQ_ASYNC_READ_CLIENT:
            return &Session::async_read;
        case HSE_REQ_GET_IMPERSONATION_TOKEN:
            return &Session::impersonation_token;
        case HSE_REQ_MAP_URL_TO_PATH_EX:
            return &Session::map_url_ex;
        case HSE_REQ_ABORTIVE_CLOSE:
            return &Session::abortive_close;
        case HSE_REQ_SEND_RESPONSE_HEADER_EX:
            return &Session::send_header_ex;
        case HSE_REQ_CLOSE_CONNECTION:
            return &Session::close_connection;
        case HSE_REQ_IS_CONNECTED:
            return &Session::is_connected;
        case HSE_REQ_MAP_UNICODE_URL_TO_PATH:
            return &Session::map_unicode_url;
        case HSE_REQ_MAP_UNICODE_URL_TO_PATH_EX:
            return &Session::map_unicode_url_ex;
        case HSE_REQ_IS_IN_PROCESS:
            return &Session::is_in_process;
        case HSE_REQ_REPORT_UNHEALTHY:
            return &Session::report_unhealthy;
        case HSE_REQ_NORMALIZE_URL:
            return &Session::normalize_url;
        case HSE_REQ_GET_TRACE_INFO:
            return &Session::trace_info;
        case HSE_REQ_SET_FLUSH_FLAG:
            return &Session::set_flush_flag;
        case HSE_REQ_GET_CERT_INFO_EX:
            return &Session::client_certificate;
        case HSE_REQ_EXEC_UNICODE_URL:
            return &Session::exec_unicode_url;
        case HSE_REQ_EXEC_URL:
            return &Session::exec_url;
        case HSE_REQ_GET_EXEC_URL_STATUS:
            return &Session::exec_url_status;
        case HSE_REQ_SEND_CUSTOM_ERROR:
            return &Session::send_custom_error;
        case HSE_REQ_VECTOR_SEND:
            return &Session::vector_send;
        case HSE_REQ_GET_ANONYMOUS_TOKEN:
            return &Session::anonymous_token;
        case HSE_REQ_GET_CACHE_INVALIDATION_CALLBACK:
            return &Session::cache_invalidation;
        case HSE_REQ_GET_UNICODE_ANONYMOUS_TOKEN:
            return &Session::anonymous_token;
        case HSE_REQ_CANCEL_IO:
            return &Session::cancel_io;
        // The functions exist in IIS 7 but not here: ERROR_NOT_SUPPORTED, as IIS gives where a mode forbids
        // them.
        case HSE_REQ_GET_SSPI_INFO:
        case HSE_REQ_GET_TRACE_INFO_EX:
        case HSE_REQ_RAISE_TRACE_EVENT:
        case HSE_REQ_GET_CONFIG_OBJECT:
        case HSE_REQ_GET_WORKER_PROCESS_SETTINGS:
        case HSE_REQ_GET_PROTOCOL_MANAGER_CUSTOM_INTERFACE_CALLBACK:
        case HSE_REQ_GET_CHANNEL_BINDING_TOKEN:
            return &Session::not_supported;
        default:
            return nullptr;
    }
}

BOOL Session::not_supported(LPVOID, LPDWORD, LPDWORD) {
    return fail(ERROR_NOT_SUPPORTED);
}

// Rights are the file system's and are looked at when a file is opened: there is nothing to read anew.
BOOL Session::refresh_acl(LPVOID buffer, LPDWORD, LPDWORD) {
    return buffer == nullptr ? fail(ERROR_INVALID_PARAMETER) : TRUE;
}

// A read just ends. What is half sent cannot be taken back: the connection goes with it.
BOOL Session::cancel_io(LPVOID, LPDWORD, LPDWORD) {
    {
        const std::lock_guard lock(mutex_);
        if (!operation_) return fail(ERROR_NOT_FOUND);
        outcome_of_cut_ = ERROR_OPERATION_ABORTED;
        if (child_ != nullptr) return fail(ERROR_NOT_SUPPORTED);
    }
    if (host_context_.CancelRead() == FALSE) host_context_.CloseConnection(TRUE);
    return TRUE;
}

BOOL Session::io_completion(LPVOID buffer, LPDWORD, LPDWORD type) {
    const std::lock_guard lock(mutex_);
    registered_ = {reinterpret_cast<PFN_HSE_IO_COMPLETION>(buffer), type};
    return TRUE;
}

BOOL Session::report_unhealthy(LPVOID buffer, LPDWORD, LPDWORD) {
    host_.ReportUnhealthyText(static_cast<const char*>(buffer));
    return TRUE;
}

BOOL Session::append_log(LPVOID buffer, LPDWORD size, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const auto* text = static_cast<const char*>(buffer);
    const std::size_t length = size == nullptr ? std::strlen(text) : ::strnlen(text, *size);
    host_context_.AppendLog(text, static_cast<DWORD>(length));
    return TRUE;
}

BOOL Session::is_keep_connection(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    *static_cast<BOOL*>(buffer) = host_context_.IsKeepAlive();
    return TRUE;
}

BOOL Session::is_connected(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    *static_cast<BOOL*>(buffer) = host_context_.IsConnected();
    return TRUE;
}

BOOL Session::is_in_process(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    *static_cast<DWORD*>(buffer) = HSE_APP_FLAG_IN_PROCESS;
    return TRUE;
}

BOOL Session::async_read(LPVOID buffer, LPDWORD size, LPDWORD type) {
    const bool valid =
        buffer != nullptr && size != nullptr && *size != 0 && type != nullptr && (*type & HSE_IO_ASYNC) != 0;
    if (!valid) return fail(ERROR_INVALID_PARAMETER);
    body_was_read_ = true;
    if (begin_operation(registered_completion()) == FALSE) return FALSE;
    const HRESULT result = host_context_.ReadBodyAsync(
        buffer, *size,
        [](PVOID session, DWORD bytes, HRESULT outcome) {
            static_cast<Session*>(session)->end_operation(bytes, outcome);
        },
        this);
    if (SUCCEEDED(result)) return TRUE;
    cancel_operation();
    return fail(to_error(result));
}

}  // namespace isapi
