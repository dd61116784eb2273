// Answers 404 with a page of its own; ?empty: without one.
#include <string.h>

#include "httpext.h"

BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* version) {
    version->dwExtensionVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);
    strcpy_s(version->lpszExtensionDesc, "Own error");
    return TRUE;
}

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    char status[] = "404 Not Found", headers[] = "Content-Type: text/plain\r\nContent-Length: 8\r\n\r\n", text[] = "own page";
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_RESPONSE_HEADER, status, NULL, (LPDWORD)headers);
    DWORD size = sizeof text - 1;
    ecb->WriteClient(ecb->ConnID, text, &size, HSE_IO_SYNC);
    return HSE_STATUS_SUCCESS;
}
