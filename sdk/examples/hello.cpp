// The smallest useful extension.
#include <httpext.h>
#include <string.h>

BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* version) {
    version->dwExtensionVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);
    strcpy_s(version->lpszExtensionDesc, "Hello");
    return TRUE;
}

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    char status[] = "200 OK", text[] = "Hello, world!\n";
    char headers[] = "Content-Type: text/plain\r\nContent-Length: 14\r\n\r\n";
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_RESPONSE_HEADER, status, NULL, (LPDWORD)headers);
    DWORD size = sizeof text - 1;
    ecb->WriteClient(ecb->ConnID, text, &size, HSE_IO_SYNC);
    return HSE_STATUS_SUCCESS;
}
