// Reads the whole body, chunked or not, and answers its MD5 and its length.
#include "md5.h"
#include "respond.h"

EXAMPLE_EXTENSION("MD5 of the body")

// A body of unknown length (chunked, or of 4 GiB and more) has this in cbTotalBytes.
constexpr DWORD kUnknownLength = 0xFFFFFFFF;

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    Md5 md5;
    md5.add(ecb->lpbData, ecb->cbAvailable);
    unsigned long long total = ecb->cbAvailable;
    static thread_local unsigned char buffer[65536];
    while (ecb->cbTotalBytes == kUnknownLength || total < ecb->cbTotalBytes) {
        DWORD size = sizeof buffer;
        if (!ecb->ReadClient(ecb->ConnID, buffer, &size)) return HSE_STATUS_ERROR;
        if (size == 0) break;
        md5.add(buffer, size);
        total += size;
    }
    send_text(ecb, md5.hex() + " " + std::to_string(total) + "\n");
    return HSE_STATUS_SUCCESS;
}
