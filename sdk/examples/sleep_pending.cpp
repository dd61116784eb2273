// Answers after ?s=SECONDS (default 5) without keeping a thread of the server: the request is pending, a
// thread of our own ends it.
#include "respond.h"

EXAMPLE_EXTENSION("Sleeps on its own thread")

DWORD WINAPI answer_later(LPVOID parameter) {
    auto* ecb = static_cast<EXTENSION_CONTROL_BLOCK*>(parameter);
    double seconds = strtod(query_value(ecb, "s", "5").c_str(), nullptr);
    Sleep(static_cast<DWORD>(seconds * 1000));
    send_text(ecb, "slept\n");
    DWORD status = HSE_STATUS_SUCCESS_AND_KEEP_CONN;
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_DONE_WITH_SESSION, &status, nullptr, nullptr);
    return 0;
}

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    HANDLE thread = CreateThread(nullptr, 0, answer_later, ecb, 0, nullptr);
    if (!thread) return HSE_STATUS_ERROR;
    CloseHandle(thread);
    return HSE_STATUS_PENDING;
}
