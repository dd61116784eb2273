// Writes ?id=TEXT as a line to a file in the application's data folder, waits ?ms=N, and answers the same line: what was executed is
// known even when the answer never came.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../sdk/examples/respond.h"

EXAMPLE_EXTENSION("Records what it executes")

namespace {

bool record(const std::string& line) {
    const char* folder = getenv("OSMIA_APPLICATION_DATA");
    if (folder == nullptr) return false;
    const int file = open((std::string(folder) + "/executed").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return false;
    const bool whole = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    close(file);
    return whole;
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    const std::string line = query_value(ecb, "id", "") + "\n";
    if (!record(line)) return HSE_STATUS_ERROR;
    Sleep(query_number(ecb, "ms", 0));
    send_text(ecb, line);
    return HSE_STATUS_SUCCESS;
}
