// A native module in thirty lines: a handler that greets, and a header on every answer.
#include <osmia_module.h>

class HelloModule final : public OsmiaHttpModule<HelloModule> {
public:
    // Called when a <handlers> entry names this module.
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* context, IHttpEventProvider*) override {
        const std::string path(text(osmia(*context), OSMIA_TEXT_URL_PATH));
        const std::string page = "Hello, " + OsmiaEscapeHtml(path) + "!\n";
        set_header(*context, "Content-Type", "text/html; charset=utf-8");
        osmia(*context).WriteBody(page.data(), static_cast<DWORD>(page.size()));
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    // Called when an answer begins to leave.
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* context, ISendResponseProvider* provider) override {
        if (provider->GetHeadersBeingSent() != FALSE) set_header(*context, "X-Hello", "world");
        return RQ_NOTIFICATION_CONTINUE;
    }
};

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* info, IHttpServer*) {
    return OsmiaRegister<HelloModule>(info, RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE);
}
