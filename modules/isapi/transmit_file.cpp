// HSE_REQ_TRANSMIT_FILE: head, part of a file, tail; always asynchronous.
#include <osmia_host_runtime.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "isapi/session.h"

namespace isapi {

BOOL Session::transmit_file(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const HSE_TF_INFO info = *static_cast<const HSE_TF_INFO*>(buffer);
    const bool parts =
        (info.pHead != nullptr || info.HeadLength == 0) && (info.pTail != nullptr || info.TailLength == 0);
    if ((info.dwFlags & HSE_IO_ASYNC) == 0 || !parts || answered_) return fail(ERROR_INVALID_PARAMETER);

    int file = -1;
    ULONGLONG length = 0;
    if (info.hFile != nullptr && info.hFile != INVALID_HANDLE_VALUE) {
        file = osmia_host_duplicate_descriptor(info.hFile);
        if (file < 0) return FALSE;
        struct stat facts;
        const bool known = ::fstat(file, &facts) == 0;
        if (!known || info.Offset > static_cast<ULONGLONG>(facts.st_size)) {
            ::close(file);
            return fail(WSAEINVAL);
        }
        const ULONGLONG rest = static_cast<ULONGLONG>(facts.st_size) - info.Offset;
        length = info.BytesToWrite == 0 ? rest : std::min<ULONGLONG>(rest, info.BytesToWrite);
    }
    Completion completion = registered_completion();
    if (info.pfnHseIO != nullptr) completion = {info.pfnHseIO, info.pContext};
    if (begin_operation(completion) == FALSE) {
        if (file >= 0) ::close(file);
        return FALSE;
    }
    transmission_ = info;
    transmission_file_ = file;
    transmission_length_ = length;
    host_.QueueWork([](PVOID session) { static_cast<Session*>(session)->run_transmission(); }, this);
    return TRUE;
}

void Session::run_transmission() {
    DWORD sent = 0;
    const HRESULT result = transmit(sent);
    if (transmission_file_ >= 0) ::close(transmission_file_);
    transmission_file_ = -1;
    if ((transmission_.dwFlags & HSE_IO_DISCONNECT_AFTER_SEND) != 0) host_context_.CloseConnection(FALSE);
    FAILED(result) ? end_operation(0, result) : complete_when_sent(sent);
}

HRESULT Session::transmit(DWORD& sent) {
    const auto* head = static_cast<const char*>(transmission_.pHead);
    HRESULT result = S_OK;
    DWORD head_length = transmission_.HeadLength;
    if ((transmission_.dwFlags & HSE_IO_SEND_HEADERS) != 0) {
        head_length = head == nullptr ? 0 : static_cast<DWORD>(::strnlen(head, head_length));
        result = host_context_.RawSendHead(transmission_.pszStatusCode, head, head_length, TRUE);
    } else if (head_length != 0) {
        // A head that is text often comes with its NUL counted (Microsoft's own library does so).
        if (!host_context_.RawIsHeadSet()) head_length = static_cast<DWORD>(::strnlen(head, head_length));
        result = host_context_.RawWrite(head, head_length);
    }
    if (SUCCEEDED(result) && transmission_length_ != 0) {
        result = host_context_.RawWriteFile(transmission_file_, transmission_.Offset, transmission_length_);
    }
    if (SUCCEEDED(result) && transmission_.TailLength != 0)
        result = host_context_.RawWrite(transmission_.pTail, transmission_.TailLength);
    if (SUCCEEDED(result)) result = host_context_.RawFlush();
    sent = head_length + static_cast<DWORD>(transmission_length_) + transmission_.TailLength;
    return result;
}

}  // namespace isapi
