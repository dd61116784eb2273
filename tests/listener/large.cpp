// Answers ?bytes=N bytes, written synchronously in pieces of 64 KiB: the thread waits while the client does not read.
#include "../../sdk/examples/respond.h"

EXAMPLE_EXTENSION("Large answers")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    DWORD left = query_number(ecb, "bytes", 1000);
    const std::string headers = "Content-Type: text/plain\r\nContent-Length: " + std::to_string(left) + "\r\n";
    if (!send_head(ecb, "200 OK", headers, true)) return HSE_STATUS_ERROR;
    std::string piece(65536, 'x');
    while (left > 0) {
        DWORD size = left < piece.size() ? left : static_cast<DWORD>(piece.size());
        if (!send_bytes(ecb, piece.data(), size)) return HSE_STATUS_ERROR;
        left -= size;
    }
    return HSE_STATUS_SUCCESS_AND_KEEP_CONN;
}
