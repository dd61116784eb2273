// Writes to standard output, standard error and the debugger: ?lines=N each (default 1), ?text=T. All of it
// should come out in the server's log, line by line.
#include "respond.h"

#include <stdio.h>

EXAMPLE_EXTENSION("Writes to every output")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    DWORD lines = query_number(ecb, "lines", 1);
    std::string text = query_value(ecb, "text", "noise");
    for (DWORD line = 1; line <= lines; ++line) {
        printf("stdout %s %lu\n", text.c_str(), line);
        fprintf(stderr, "stderr %s %lu\n", text.c_str(), line);
        OutputDebugString(("debug " + text + " " + std::to_string(line)).c_str());
    }
    fflush(stdout);
    send_text(ecb, "written\n");
    return HSE_STATUS_SUCCESS;
}
