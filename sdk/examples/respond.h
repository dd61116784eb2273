/// \file
/// What the examples share: answering, and reading the query string. An extension of your own needs nothing
/// of this.
#pragma once

#include <httpext.h>

#include <stdlib.h>

#include <string>

/// Sends status and headers; \a headers are lines that end in CRLF, without the empty line at the end.
inline bool send_head(EXTENSION_CONTROL_BLOCK* ecb, const std::string& status, const std::string& headers,
                      bool keep_connection = false) {
    std::string block = headers + "\r\n";
    HSE_SEND_HEADER_EX_INFO info{};
    info.pszStatus = status.c_str();
    info.cchStatus = static_cast<DWORD>(status.size());
    info.pszHeader = block.c_str();
    info.cchHeader = static_cast<DWORD>(block.size());
    info.fKeepConn = keep_connection;
    return ecb->ServerSupportFunction(ecb->ConnID, HSE_REQ_SEND_RESPONSE_HEADER_EX, &info, nullptr, nullptr);
}

inline bool send_bytes(EXTENSION_CONTROL_BLOCK* ecb, const void* bytes, size_t size) {
    auto count = static_cast<DWORD>(size);
    return ecb->WriteClient(ecb->ConnID, const_cast<void*>(bytes), &count, HSE_IO_SYNC);
}

/// A whole answer of known length.
inline bool send_text(EXTENSION_CONTROL_BLOCK* ecb, const std::string& text,
                      const std::string& status = "200 OK",
                      const std::string& type = "text/plain; charset=utf-8") {
    std::string headers =
        "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(text.size()) + "\r\n";
    return send_head(ecb, status, headers, true) && send_bytes(ecb, text.data(), text.size());
}

/// The value of name=value in the query string, percent-encoding decoded; \a otherwise when it is not there.
inline std::string query_value(const EXTENSION_CONTROL_BLOCK* ecb, const std::string& name,
                               const std::string& otherwise) {
    std::string query = std::string("&") + ecb->lpszQueryString;
    size_t start = query.find("&" + name + "=");
    if (start == std::string::npos) return otherwise;
    start += name.size() + 2;
    std::string raw = query.substr(start, query.find('&', start) - start), value;
    for (size_t at = 0; at < raw.size(); ++at) {
        bool encoded = raw[at] == '%' && at + 2 < raw.size();
        value += encoded          ? static_cast<char>(strtoul(raw.substr(at + 1, 2).c_str(), nullptr, 16))
                 : raw[at] == '+' ? ' '
                                  : raw[at];
        if (encoded) at += 2;
    }
    return value;
}

/// The same as a number; what is no number is 0.
inline DWORD query_number(const EXTENSION_CONTROL_BLOCK* ecb, const std::string& name, DWORD otherwise) {
    return static_cast<DWORD>(
        strtoul(query_value(ecb, name, std::to_string(otherwise)).c_str(), nullptr, 10));
}

/// The value of a server variable, or an empty text.
inline std::string server_variable(EXTENSION_CONTROL_BLOCK* ecb, const char* name) {
    DWORD size = 0;
    std::string value;
    ecb->GetServerVariable(ecb->ConnID, const_cast<LPSTR>(name), nullptr, &size);
    if (size == 0) return value;
    value.resize(size);
    if (!ecb->GetServerVariable(ecb->ConnID, const_cast<LPSTR>(name), value.data(), &size)) return {};
    value.resize(size > 0 ? size - 1 : 0);
    return value;
}

/// What GetExtensionVersion does in every example.
inline BOOL introduce(HSE_VERSION_INFO* version, const char* description) {
    version->dwExtensionVersion = MAKELONG(HSE_VERSION_MINOR, HSE_VERSION_MAJOR);
    strncpy_s(version->lpszExtensionDesc, sizeof version->lpszExtensionDesc, description, _TRUNCATE);
    return TRUE;
}

#define EXAMPLE_EXTENSION(description)                           \
    BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO* version) { \
        return introduce(version, description);                  \
    }
