// Output that the extension frames itself, chosen by ?how=: chunked, chunked_bad, status, status_split,
// headers, none. The host has to turn each into a correctly framed answer or a clear error.
#include "respond.h"

#include <map>

EXAMPLE_EXTENSION("Frames its own output")

namespace {

bool send(EXTENSION_CONTROL_BLOCK* ecb, const std::string& text) {
    return send_bytes(ecb, text.data(), text.size());
}

void own_chunks(EXTENSION_CONTROL_BLOCK* ecb) {
    send_head(ecb, "200 OK", "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n", true);
    for (const char* part : {"6\r\nfirst\n\r\n", "7;name=value\r\nsecond\n", "\r\n0\r\n", "\r\n"})
        send(ecb, part);
}

void own_bad_chunks(EXTENSION_CONTROL_BLOCK* ecb) {
    send_head(ecb, "200 OK", "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n", true);
    send(ecb, "no size\r\nfirst\r\n0\r\n\r\n");
}

void own_status_line(EXTENSION_CONTROL_BLOCK* ecb) {
    send(ecb, "HTTP/1.1 203 Written By Hand\r\nContent-Type: text/plain\r\nX-Own: yes\r\n\r\nbody\n");
}

void own_status_line_in_pieces(EXTENSION_CONTROL_BLOCK* ecb) {
    for (const char* part : {"HTTP/1.", "1 203 Written By Hand\r", "\nContent-Type: text/plain\r\nX-O",
                             "wn: yes\r\n\r", "\nbody\n"}) {
        send(ecb, part);
    }
}

void own_headers(EXTENSION_CONTROL_BLOCK* ecb) {
    send(ecb, "Content-Type: text/plain\r\nX-Own: yes\r\n\r\nbody\n");
}

void no_headers(EXTENSION_CONTROL_BLOCK* ecb) {
    send(ecb, "<html>just a body</html>\n");
}

const std::map<std::string, void (*)(EXTENSION_CONTROL_BLOCK*)> kForms = {
    {"chunked", own_chunks},     {"chunked_bad", own_bad_chunks},
    {"status", own_status_line}, {"status_split", own_status_line_in_pieces},
    {"headers", own_headers},    {"none", no_headers},
};

}  // namespace

DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK* ecb) {
    auto form = kForms.find(query_value(ecb, "how", "none"));
    if (form == kForms.end()) return HSE_STATUS_ERROR;
    form->second(ecb);
    return HSE_STATUS_SUCCESS;
}
