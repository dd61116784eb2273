/// \file
/// Reading a POSTed form, and refusing one that another site sent.
#pragma once

#include <optional>
#include <string>

#include "respond.h"

/// The request's body; nothing when it is longer than \a limit bytes or the client went away before its end.
inline std::optional<std::string> read_body(EXTENSION_CONTROL_BLOCK* ecb, size_t limit) {
    constexpr DWORD LengthUnknown = 0xFFFFFFFF;  // chunked
    if (ecb->cbTotalBytes != LengthUnknown && ecb->cbTotalBytes > limit) return std::nullopt;
    std::string body(reinterpret_cast<const char*>(ecb->lpbData), ecb->cbAvailable);
    while (body.size() < ecb->cbTotalBytes && body.size() <= limit) {
        char piece[4096];
        DWORD size = sizeof piece;
        if (!ecb->ReadClient(ecb->ConnID, piece, &size)) return std::nullopt;
        if (size == 0) break;
        body.append(piece, size);
    }
    bool whole = ecb->cbTotalBytes == LengthUnknown || body.size() == ecb->cbTotalBytes;
    if (!whole || body.size() > limit) return std::nullopt;
    return body;
}

inline int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// application/x-www-form-urlencoded text, decoded; a broken percent sequence stays as it is.
inline std::string form_decoded(const std::string& raw) {
    std::string text;
    for (size_t at = 0; at < raw.size(); ++at) {
        int high = at + 2 < raw.size() ? hex_digit(raw[at + 1]) : -1;
        int low = at + 2 < raw.size() ? hex_digit(raw[at + 2]) : -1;
        if (raw[at] == '%' && high >= 0 && low >= 0) {
            text += static_cast<char>(high * 16 + low);
            at += 2;
        } else {
            text += raw[at] == '+' ? ' ' : raw[at];
        }
    }
    return text;
}

/// The value of a field of a form (or a query string); empty when it is not there.
inline std::string form_value(const std::string& form, const std::string& name) {
    std::string fields = "&" + form;
    size_t start = fields.find("&" + name + "=");
    if (start == std::string::npos) return {};
    start += name.size() + 2;
    return form_decoded(fields.substr(start, fields.find('&', start) - start));
}

/// False when a browser says that the request comes from another site's page.
inline bool is_from_own_site(EXTENSION_CONTROL_BLOCK* ecb) {
    std::string site = server_variable(ecb, "HTTP_SEC_FETCH_SITE");
    if (!site.empty()) return site == "same-origin" || site == "none";
    std::string origin = server_variable(ecb, "HTTP_ORIGIN");
    if (origin.empty()) return true;
    size_t host = origin.find("://");
    return host != std::string::npos && origin.substr(host + 3) == server_variable(ecb, "HTTP_HOST");
}

inline bool is_method(const EXTENSION_CONTROL_BLOCK* ecb, const char* method) { return strcmp(ecb->lpszMethod, method) == 0; }

/// 405 with the methods that would have worked.
inline DWORD refuse_method(EXTENSION_CONTROL_BLOCK* ecb, const std::string& allowed) {
    std::string text = "Only " + allowed + " here.\n";
    send_head(ecb, "405 Method Not Allowed",
              "Content-Type: text/plain\r\nAllow: " + allowed + "\r\nContent-Length: " + std::to_string(text.size()) + "\r\n", true);
    send_bytes(ecb, text.data(), text.size());
    return HSE_STATUS_SUCCESS;
}
