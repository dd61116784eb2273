/* The smallest useful extension, in C. */
#include <httpext.h>
#include <string.h>

BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* version) {
    version->dwExtensionVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);
    strcpy(version->lpszExtensionDesc, "Hello from C");
    return TRUE;
}

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    static const char text[] = "Hello from C!\n";
    char status[] = "200 OK", headers[] = "Content-Type: text/plain\r\n\r\n";
    DWORD size = sizeof text - 1;
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_RESPONSE_HEADER, status, NULL, (LPDWORD)headers);
    ecb->WriteClient(ecb->ConnID, (LPVOID)text, &size, HSE_IO_SYNC);
    return HSE_STATUS_SUCCESS;
}
