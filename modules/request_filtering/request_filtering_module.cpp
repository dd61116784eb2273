// RequestFilteringModule: refuses requests by <requestFiltering>, before anything else looks at them.
#include <osmia_module.h>

#include "request_filtering/request_filter.h"

namespace request_filtering {

namespace {

OsmiaSettings<FilterSettings> settings_of;

class RequestFilteringModule final : public OsmiaHttpModule<RequestFilteringModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext* pContext, IHttpEventProvider*) override {
        IOsmiaContext& context = osmia(*pContext);
        const FilterSettings& settings = settings_of.get(context);
        const bool child = pContext->GetParentContext() != nullptr;
        if (!child) {
            const ULONGLONG length = context.GetContentLength();
            if (length != OSMIA_UNKNOWN_LENGTH && length > settings.max_content_length)
                return refuse(*pContext, 404, 13);
            context.LimitBody(settings.max_content_length, 404, 13);
        }
        Request request;
        request.method = pContext->GetRequest()->GetHttpMethod();
        request.path = text(context, OSMIA_TEXT_URL_PATH);
        // The URL of a child request is the server's own: nobody has escaped it.
        if (!child) request.raw_path = path_of(text(context, OSMIA_TEXT_RAW_TARGET));
        request.query = text(context, OSMIA_TEXT_QUERY);
        request.header = [&](const std::string& name) { return header(*pContext, name.c_str()); };
        request.raw_headers = [&] {
            PCSTR all = nullptr;
            DWORD size = 0;
            if (FAILED(pContext->GetServerVariable("ALL_RAW", &all, &size))) return std::string();
            return std::string(all, size);
        };
        const unsigned substatus = refusal(settings, request);
        if (substatus == 0) return RQ_NOTIFICATION_CONTINUE;
        return refuse(*pContext, 404, static_cast<USHORT>(substatus));
    }

private:
    // The target may be an absolute URL.
    static std::string_view path_of(std::string_view target) {
        target = target.substr(0, target.find('?'));
        if (target.starts_with('/')) return target;
        const auto authority = target.find("://");
        if (authority == std::string_view::npos) return target;
        const auto slash = target.find('/', authority + 3);
        return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
};

}  // namespace

}  // namespace request_filtering

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    const HRESULT opened =
        request_filtering::settings_of.open(pServer, pModuleInfo, "system.webServer/security/requestFiltering");
    if (FAILED(opened)) return opened;
    pModuleInfo->SetPriorityForRequestNotification(RQ_BEGIN_REQUEST, PRIORITY_ALIAS_FIRST);
    return OsmiaRegister<request_filtering::RequestFilteringModule>(pModuleInfo, RQ_BEGIN_REQUEST);
}
