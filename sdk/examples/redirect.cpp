// Sends the client elsewhere: ?to=URL (default /).
#include "respond.h"

EXAMPLE_EXTENSION("Redirects")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    std::string url = query_value(ecb, "to", "/");
    auto size = static_cast<DWORD>(url.size());
    BOOL done =
        ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_URL_REDIRECT_RESP, url.data(), &size, nullptr);
    return done ? HSE_STATUS_SUCCESS : HSE_STATUS_ERROR;
}
