/// \file
/// Environment variables and debug output.
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "last_error.h"
#include "unicode.h"

using namespace osmia::win32;

// One write, so that lines of several threads do not mix; the host reads standard error line by line.
VOID OutputDebugStringA(LPCSTR text) {
    if (!text) return;
    std::string line(text);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    line.push_back('\n');
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

VOID OutputDebugStringW(LPCWSTR text) {
    if (text) OutputDebugStringA(utf8(text).c_str());
}

DWORD GetEnvironmentVariableA(LPCSTR name, LPSTR buffer, DWORD size) {
    const char* value = name ? getenv(name) : nullptr;
    if (!value) return static_cast<DWORD>(fail(ERROR_ENVVAR_NOT_FOUND));
    auto length = static_cast<DWORD>(strlen(value));
    if (!buffer || size <= length) return length + 1;
    memcpy(buffer, value, length + 1);
    SetLastError(ERROR_SUCCESS);
    return length;
}
