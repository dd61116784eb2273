// Sends the file at ?file=/url/path by HSE_REQ_TRANSMIT_FILE, with the headers in the same call.
// ?offset=N and ?bytes=N send a part of it; ?tail=TEXT follows the file.
#include "respond.h"

#include <memory>

EXAMPLE_EXTENSION("Transmits a file")

namespace {

struct Transfer {
    std::string headers, tail;
    HSE_TF_INFO info{};
    ~Transfer() {
        if (info.hFile != INVALID_HANDLE_VALUE) CloseHandle(info.hFile);
    }
};

VOID WINAPI completed(EXTENSION_CONTROL_BLOCK* ecb, PVOID context, DWORD, DWORD error) {
    delete static_cast<Transfer*>(context);
    DWORD status = error == NO_ERROR ? HSE_STATUS_SUCCESS_AND_KEEP_CONN : HSE_STATUS_ERROR;
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_DONE_WITH_SESSION, &status, nullptr, nullptr);
}

HANDLE open_url(EXTENSION_CONTROL_BLOCK* ecb, const std::string& url) {
    HSE_URL_MAPEX_INFO mapped{};
    auto size = static_cast<DWORD>(url.size());
    if (!ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_MAP_URL_TO_PATH_EX, const_cast<char*>(url.c_str()),
                                    &size, reinterpret_cast<LPDWORD>(&mapped))) {
        return INVALID_HANDLE_VALUE;
    }
    return CreateFile(mapped.lpszPath, GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                      FILE_FLAG_SEQUENTIAL_SCAN | FILE_FLAG_OVERLAPPED, nullptr);
}

void describe(Transfer& transfer, EXTENSION_CONTROL_BLOCK* ecb) {
    HSE_TF_INFO& info = transfer.info;
    info.Offset = query_number(ecb, "offset", 0);
    info.BytesToWrite = query_number(ecb, "bytes", 0);
    transfer.tail = query_value(ecb, "tail", "");
    DWORD rest = GetFileSize(info.hFile, nullptr) - info.Offset;
    size_t length = (info.BytesToWrite ? info.BytesToWrite : rest) + transfer.tail.size();
    transfer.headers =
        "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
    info.pszStatusCode = "200 OK";
    info.pHead = transfer.headers.data();
    info.HeadLength = static_cast<DWORD>(transfer.headers.size());
    info.pTail = transfer.tail.data();
    info.TailLength = static_cast<DWORD>(transfer.tail.size());
    info.dwFlags = HSE_IO_ASYNC | HSE_IO_SEND_HEADERS;
    info.pfnHseIO = completed;
    info.pContext = &transfer;
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    auto transfer = std::make_unique<Transfer>();
    transfer->info.hFile = open_url(ecb, query_value(ecb, "file", ""));
    if (transfer->info.hFile == INVALID_HANDLE_VALUE) {
        send_text(ecb, "error " + std::to_string(GetLastError()) + "\n", "404 Not Found");
        return HSE_STATUS_SUCCESS;
    }
    describe(*transfer, ecb);
    HSE_TF_INFO* info = &transfer->info;
    if (!ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_TRANSMIT_FILE, info, nullptr, nullptr))
        return HSE_STATUS_ERROR;
    transfer.release();  // the completion's, which may be over by now
    return HSE_STATUS_PENDING;
}
