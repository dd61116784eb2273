#include "gateway/environment.h"

#include <unistd.h>

#include <string_view>

namespace gateway {

namespace {

std::string variable(IHttpContext& context, PCSTR name) {
    PCSTR value = nullptr;
    DWORD size = 0;
    return SUCCEEDED(context.GetServerVariable(name, &value, &size)) ? std::string(value, size) : std::string();
}

std::string text(IOsmiaContext& face, OSMIA_TEXT which) {
    DWORD size = 0;
    const PCSTR value = face.GetText(which, &size);
    return {value, size};
}

std::string upper(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
    return out;
}

void add_headers(Variables& out, std::string_view lines) {
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(std::min(lines.size(), line.size() + 2));
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos || line.find('_') < colon) continue;
        const std::string name = upper(line.substr(0, colon));
        if (name == "PROXY" || name == "CONTENT_LENGTH" || name == "CONTENT_TYPE") continue;
        const std::string_view value = line.substr(colon + 2);
        bool joined = false;
        for (auto& [known, text] : out) {
            if (known != "HTTP_" + name) continue;
            text.append(name == "COOKIE" ? "; " : ", ").append(value);
            joined = true;
        }
        if (!joined) out.emplace_back("HTTP_" + name, value);
    }
}

void add_body(Variables& out, IHttpContext& context, IOsmiaContext& face) {
    const ULONGLONG length = face.GetContentLength();
    if (length != OSMIA_UNKNOWN_LENGTH && length != 0) out.emplace_back("CONTENT_LENGTH", std::to_string(length));
    if (std::string type = variable(context, "CONTENT_TYPE"); !type.empty())
        out.emplace_back("CONTENT_TYPE", std::move(type));
}

}  // namespace

Variables request_variables(IHttpContext& context, IOsmiaContext& face) {
    Variables out;
    for (PCSTR name : {"GATEWAY_INTERFACE", "SERVER_SOFTWARE", "SERVER_NAME", "SERVER_PORT", "SERVER_ADDR", "SERVER_PROTOCOL",
                       "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "REQUEST_METHOD", "QUERY_STRING", "REQUEST_URI", "DOCUMENT_ROOT",
                       "HTTPS", "APPL_PHYSICAL_PATH", "APP_POOL_ID", "INSTANCE_ID"})
        out.emplace_back(name, variable(context, name));
    for (PCSTR name : {"AUTH_TYPE", "REMOTE_USER"}) {
        if (std::string value = variable(context, name); !value.empty()) out.emplace_back(name, std::move(value));
    }
    const std::string script = text(face, OSMIA_TEXT_SCRIPT_NAME);
    const std::string path = text(face, OSMIA_TEXT_URL_PATH);
    out.emplace_back("SCRIPT_NAME", script);
    out.emplace_back("SCRIPT_FILENAME", text(face, OSMIA_TEXT_PHYSICAL_PATH));
    const std::string info = path.size() > script.size() ? path.substr(script.size()) : std::string();
    out.emplace_back("PATH_INFO", info);
    OSMIA_URL_MAPPING mapping{};
    if (!info.empty() && SUCCEEDED(face.MapUrl(info.c_str(), &mapping)))
        out.emplace_back("PATH_TRANSLATED", std::string(mapping.pszPhysicalPath, mapping.cchPhysicalPath));
    out.emplace_back("REDIRECT_STATUS", "200");  // php-cgi runs nothing without it
    add_body(out, context, face);
    add_headers(out, variable(context, "ALL_RAW"));
    return out;
}

Variables process_variables() {
    Variables out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view line = *entry;
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || line.starts_with("OSMIA_CONTROL")) continue;
        out.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return out;
}

}  // namespace gateway
