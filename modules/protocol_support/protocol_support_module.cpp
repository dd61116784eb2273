// ProtocolSupportModule: the headers of <httpProtocol>, keep-alive, and the methods OPTIONS and TRACE.
#include <osmia_module.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace protocol_support {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers read_headers(const IOsmiaElement& list) {
    Headers headers;
    for (DWORD i = 0; i < list.GetItemCount(); ++i)
        headers.emplace_back(list.GetItem(i).GetText("name"), list.GetItem(i).GetText("value"));
    return headers;
}

struct Settings {
    explicit Settings(const IOsmiaElement& section)
        : keep_alive(section.GetFlag("allowKeepAlive") != FALSE),
          custom(read_headers(section.GetChild("customHeaders"))),
          redirect(read_headers(section.GetChild("redirectHeaders"))) {}
    bool keep_alive;
    Headers custom, redirect;
};

OsmiaSettings<Settings> settings_of;

bool same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// A second field of these names would make two messages of one.
bool is_single(std::string_view name) {
    return same_name(name, "Content-Type") || same_name(name, "Location") || same_name(name, "ETag") ||
           same_name(name, "Last-Modified") || same_name(name, "Content-Length");
}

void add(IHttpResponse& response, const Headers& headers) {
    for (const auto& [name, value] : headers)
        response.SetHeader(name.c_str(), value.data(), static_cast<USHORT>(value.size()), is_single(name));
}

class ProtocolSupportModule final : public OsmiaHttpModule<ProtocolSupportModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* pContext, ISendResponseProvider* pProvider) override {
        if (pProvider->GetHeadersBeingSent() == FALSE) return RQ_NOTIFICATION_CONTINUE;
        const Settings& settings = settings_of.get(osmia(*pContext));
        IHttpResponse& response = *pContext->GetResponse();
        USHORT status = 0;
        response.GetStatus(&status);
        const bool redirects = status >= 300 && status < 400 && response.GetHeader(HttpHeaderLocation) != nullptr;
        add(response, settings.custom);
        if (redirects) add(response, settings.redirect);
        if (!settings.keep_alive) response.SetNeedDisconnect();
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext, IHttpEventProvider*) override {
        const std::string_view method = pContext->GetRequest()->GetHttpMethod();
        if (method == "OPTIONS") return options(*pContext);
        return method == "TRACE" ? trace(*pContext) : RQ_NOTIFICATION_CONTINUE;
    }

private:
    static REQUEST_NOTIFICATION_STATUS options(IHttpContext& context) {
        set_header(context, "Allow", "OPTIONS, TRACE, GET, HEAD, POST");
        set_header(context, "Public", "OPTIONS, TRACE, GET, HEAD, POST");
        context.SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    // RFC 9110 section 9.3.8: the request as it came, without what a script must not see.
    static REQUEST_NOTIFICATION_STATUS trace(IHttpContext& context) {
        IOsmiaContext& face = osmia(context);
        if (face.GetContentLength() != 0) return refuse(context, 400);
        std::string echo = "TRACE " + std::string(text(face, OSMIA_TEXT_RAW_TARGET)) + " HTTP/1.1\r\n";
        PCSTR all = nullptr;
        DWORD size = 0;
        if (SUCCEEDED(context.GetServerVariable("ALL_RAW", &all, &size))) append_fields(echo, {all, size});
        echo += "\r\n";
        set_header(context, "Content-Type", "message/http");
        face.WriteBody(echo.data(), static_cast<DWORD>(echo.size()));
        context.SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    static void append_fields(std::string& echo, std::string_view lines) {
        while (!lines.empty()) {
            const std::string_view line = lines.substr(0, lines.find("\r\n"));
            lines.remove_prefix(std::min(lines.size(), line.size() + 2));
            const std::string_view name = line.substr(0, line.find(':'));
            if (same_name(name, "Authorization") || same_name(name, "Proxy-Authorization") || same_name(name, "Cookie"))
                continue;
            echo.append(line).append("\r\n");
        }
    }
};

}  // namespace

}  // namespace protocol_support

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    const HRESULT opened = protocol_support::settings_of.open(pServer, pModuleInfo, "system.webServer/httpProtocol");
    if (FAILED(opened)) return opened;
    return OsmiaRegister<protocol_support::ProtocolSupportModule>(pModuleInfo,
                                                                  RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE);
}
