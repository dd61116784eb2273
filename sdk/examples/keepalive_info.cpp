// What the server knows about the connection. Two requests on one connection show the same remote port.
#include "respond.h"

EXAMPLE_EXTENSION("Tells about the connection")

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    BOOL keeps = FALSE, connected = FALSE;
    BOOL knows_keep = ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_IS_KEEP_CONN, &keeps, nullptr, nullptr);
    BOOL knows_connected =
        ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_IS_CONNECTED, &connected, nullptr, nullptr);
    std::string text = std::string("keep-alive: ") + (knows_keep ? keeps ? "yes" : "no" : "unknown") + "\n" +
                       "connected: " + (knows_connected ? connected ? "yes" : "no" : "unknown") + "\n" +
                       "protocol: " + server_variable(ecb, "SERVER_PROTOCOL") + "\n" +
                       "client: " + server_variable(ecb, "REMOTE_ADDR") + " " +
                       server_variable(ecb, "REMOTE_PORT") + "\n";
    send_text(ecb, text);
    return HSE_STATUS_SUCCESS_AND_KEEP_CONN;
}
