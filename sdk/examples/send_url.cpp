// Lets the server answer with another URL's content: ?url=/path (default /).
#include "respond.h"

EXAMPLE_EXTENSION("Sends another URL")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    std::string url = query_value(ecb, "url", "/");
    auto size = static_cast<DWORD>(url.size());
    BOOL done = ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_URL, url.data(), &size, nullptr);
    return done ? HSE_STATUS_SUCCESS : HSE_STATUS_ERROR;
}
