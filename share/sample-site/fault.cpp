// Writes through a null pointer when a form asks for it, so that one can see that nothing else notices.
#include "request_form.h"

EXAMPLE_EXTENSION("Crashes on a POST")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    if (!is_method(ecb, "POST")) return refuse_method(ecb, "POST");
    if (!is_from_own_site(ecb)) {
        send_text(ecb, "Only a page of this site may do that.\n", "403 Forbidden");
        return HSE_STATUS_SUCCESS;
    }
    OutputDebugStringA("fault.so: somebody has pressed the button\n");
    volatile int* nowhere = nullptr;
    *nowhere = 1;
    return HSE_STATUS_SUCCESS;
}
