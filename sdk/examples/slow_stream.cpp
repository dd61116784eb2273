// ?lines=N (default 10), one every ?ms=M (default 100), each on its way as soon as it is written.
#include "respond.h"

EXAMPLE_EXTENSION("Streams slowly")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    DWORD lines = query_number(ecb, "lines", 10);
    DWORD pause = query_number(ecb, "ms", 100);
    // The value travels as the pointer itself.
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SET_FLUSH_FLAG, reinterpret_cast<LPVOID>(ULONG_PTR{TRUE}),
                               nullptr, nullptr);
    if (!send_head(ecb, "200 OK", "Content-Type: text/plain\r\n")) return HSE_STATUS_ERROR;
    for (DWORD line = 1; line <= lines; ++line) {
        std::string text = "line " + std::to_string(line) + "\n";
        if (!send_bytes(ecb, text.data(), text.size())) return HSE_STATUS_ERROR;
        Sleep(pause);
    }
    return HSE_STATUS_SUCCESS;
}
