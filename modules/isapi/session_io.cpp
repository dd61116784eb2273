// GetServerVariable, WriteClient, ReadClient.
#include <cstring>
#include <string_view>

#include "isapi/session.h"

namespace isapi {

namespace {

/// An asynchronous write of this size finds room: the one before it has left.
constexpr DWORD MaxInlineWrite = 64 * 1024;

bool has_prefix(std::string_view name, std::string_view prefix) {
    return name.size() >= prefix.size() &&
           lstrcmpiA(std::string(name.substr(0, prefix.size())).c_str(), std::string(prefix).c_str()) == 0;
}

// Copies a value with its terminator; what does not fit is told in *size.
BOOL copy_out(const void* value, std::size_t bytes, LPVOID buffer, LPDWORD size) {
    const bool fits = buffer != nullptr && *size >= bytes;
    *size = static_cast<DWORD>(bytes);
    if (!fits) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    std::memcpy(buffer, value, bytes);
    return TRUE;
}

}  // namespace

BOOL Session::get_server_variable(LPSTR name, LPVOID buffer, LPDWORD size) {
    std::string_view wanted(name);
    const bool unicode = has_prefix(wanted, "UNICODE_");
    if (unicode) wanted.remove_prefix(8);
    DWORD length = 0;
    if (unicode) {
        // UNICODE_HTTP_ACCEPT and its like do not exist; HTTP_URL and its like are variables of their own.
        const bool header = has_prefix(wanted, "HEADER_") ||
                            (has_prefix(wanted, "HTTP_") && !has_prefix(wanted, "HTTP_URL") &&
                             !has_prefix(wanted, "HTTP_METHOD") && !has_prefix(wanted, "HTTP_VERSION"));
        PCWSTR value = nullptr;
        if (header || FAILED(context_.GetServerVariable(wanted.data(), &value, &length)))
            return fail(ERROR_INVALID_INDEX);
        return copy_out(value, (std::size_t{length} + 1) * sizeof(WCHAR), buffer, size);
    }
    PCSTR value = nullptr;
    if (FAILED(context_.GetServerVariable(wanted.data(), &value, &length))) return fail(ERROR_INVALID_INDEX);
    return copy_out(value, std::size_t{length} + 1, buffer, size);
}

BOOL Session::write_client(LPVOID buffer, LPDWORD bytes, DWORD flags) {
    if (answered_) return fail(ERROR_INVALID_PARAMETER);
    if ((flags & HSE_IO_ASYNC) == 0) {
        const HRESULT result = host_context_.RawWrite(buffer, *bytes);
        if (SUCCEEDED(result)) return TRUE;
        *bytes = 0;
        return fail(to_error(result));
    }
    if (begin_operation(registered_completion()) == FALSE) return FALSE;
    write_buffer_ = buffer;
    write_size_ = *bytes;
    if (*bytes <= MaxInlineWrite) {
        const HRESULT result = host_context_.RawWrite(buffer, *bytes);
        if (SUCCEEDED(result)) return complete_when_sent(*bytes), TRUE;
        cancel_operation();
        return fail(to_error(result));
    }
    // A large one waits for the client; the buffer stays valid until the completion.
    host_.QueueWork(
        [](PVOID session) {
            auto& self = *static_cast<Session*>(session);
            const HRESULT result = self.host_context_.RawWrite(self.write_buffer_, self.write_size_);
            FAILED(result) ? self.end_operation(0, result) : self.complete_when_sent(self.write_size_);
        },
        this);
    return TRUE;
}

void Session::complete_when_sent(DWORD bytes) {
    sent_bytes_ = bytes;
    host_context_.NotifyWhenSent(
        [](PVOID session, DWORD, HRESULT result) {
            auto& self = *static_cast<Session*>(session);
            self.end_operation(FAILED(result) ? 0 : self.sent_bytes_, result);
        },
        this);
}

BOOL Session::read_client(LPVOID buffer, LPDWORD size) {
    if (*size == 0) return TRUE;
    body_was_read_ = true;
    DWORD got = 0;
    const HRESULT result = host_context_.ReadBody(buffer, *size, &got);
    *size = got;
    return SUCCEEDED(result) ? TRUE : fail(to_error(result));
}

BOOL Session::support_function(DWORD code, LPVOID buffer, LPDWORD size, LPDWORD type) {
    const Support support = find_support(code);
    return support == nullptr ? fail(ERROR_INVALID_PARAMETER) : (this->*support)(buffer, size, type);
}

}  // namespace isapi
