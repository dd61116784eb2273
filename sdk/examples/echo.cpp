// Sends the body back while it is still coming in: reads and writes take turns, so that it works for any
// length in constant memory.
#include "respond.h"

EXAMPLE_EXTENSION("Echoes the body")

constexpr DWORD kUnknownLength = 0xFFFFFFFF;

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    bool known = ecb->cbTotalBytes != kUnknownLength;
    std::string headers = std::string("Content-Type: ") +
                          (*ecb->lpszContentType ? ecb->lpszContentType : "application/octet-stream") +
                          "\r\n";
    if (known) headers += "Content-Length: " + std::to_string(ecb->cbTotalBytes) + "\r\n";
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SET_FLUSH_FLAG, reinterpret_cast<LPVOID>(ULONG_PTR{TRUE}),
                               nullptr, nullptr);
    if (!send_head(ecb, "200 OK", headers, known)) return HSE_STATUS_ERROR;
    if (ecb->cbAvailable > 0 && !send_bytes(ecb, ecb->lpbData, ecb->cbAvailable)) return HSE_STATUS_ERROR;
    static thread_local unsigned char buffer[16384];
    for (DWORD total = ecb->cbAvailable; !known || total < ecb->cbTotalBytes;) {
        DWORD size = sizeof buffer;
        if (!ecb->ReadClient(ecb->ConnID, buffer, &size)) return HSE_STATUS_ERROR;
        if (size == 0) break;
        if (!send_bytes(ecb, buffer, size)) return HSE_STATUS_ERROR;
        total += size;
    }
    return HSE_STATUS_SUCCESS;
}
