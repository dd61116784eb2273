// Sends ?blocks= blocks of 64 KiB by asynchronous writes, the next when the one before has completed. ?count tells what the
// completions said so far: completed, failed (a refused write too) and the error of the last failure.
#include <httpext.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "../../sdk/examples/respond.h"

EXAMPLE_EXTENSION("Writes asynchronously")

namespace {

std::atomic<int> completed = 0, failed = 0;
std::atomic<DWORD> last_error = 0;
char block[64 * 1024];

struct Writer {
    EXTENSION_CONTROL_BLOCK* ecb;
    long left;
};

void end(Writer* writer) {
    EXTENSION_CONTROL_BLOCK* ecb = writer->ecb;
    delete writer;
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_DONE_WITH_SESSION, nullptr, nullptr, nullptr);
}

void write_next(Writer* writer) {
    if (writer->left-- == 0) return end(writer);
    DWORD size = sizeof block;
    if (writer->ecb->WriteClient(writer->ecb->ConnID, block, &size, HSE_IO_ASYNC) != FALSE) return;
    last_error = GetLastError();
    ++failed;
    end(writer);
}

VOID WINAPI on_completion(EXTENSION_CONTROL_BLOCK*, PVOID context, DWORD bytes, DWORD error) {
    auto* writer = static_cast<Writer*>(context);
    if (error != ERROR_SUCCESS || bytes != sizeof block) {
        last_error = error;
        ++failed;
        return end(writer);
    }
    ++completed;
    write_next(writer);
}

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    const long blocks = strtol(query_value(ecb, "blocks", "0").c_str(), nullptr, 10);
    if (blocks == 0) {
        send_text(ecb, std::to_string(completed) + " " + std::to_string(failed) + " " + std::to_string(last_error));
        return HSE_STATUS_SUCCESS;
    }
    BOOL unbuffered = TRUE;
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SET_FLUSH_FLAG, &unbuffered, nullptr, nullptr);
    auto* writer = new Writer{ecb, blocks};
    ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_IO_COMPLETION, reinterpret_cast<LPVOID>(on_completion), nullptr,
                               reinterpret_cast<LPDWORD>(writer));
    const std::string head = "Content-Type: text/plain\r\nContent-Length: " + std::to_string(static_cast<std::size_t>(blocks) * sizeof block) + "\r\n";
    send_head(ecb, "200 OK", head, true);
    write_next(writer);
    return HSE_STATUS_PENDING;
}
