// HttpRedirectionModule: sends clients elsewhere, as <httpRedirect> says.
#include <osmia_module.h>

#include "http_redirection/destination.h"

namespace http_redirection {

namespace {

struct Settings {
    explicit Settings(const IOsmiaElement& section)
        : enabled(section.GetFlag("enabled") != FALSE),
          status(static_cast<USHORT>(section.GetNumber("httpResponseStatus"))) {
        rules.destination = section.GetText("destination");
        rules.exact = section.GetFlag("exactDestination") != FALSE;
        rules.child_only = section.GetFlag("childOnly") != FALSE;
        for (DWORD i = 0; i < section.GetItemCount(); ++i)
            rules.wildcards.emplace_back(section.GetItem(i).GetText("wildcard"),
                                         section.GetItem(i).GetText("destination"));
    }
    bool enabled;
    USHORT status;
    Rules rules;
};

OsmiaSettings<Settings> settings_of;
DWORD section_number = 0;

class HttpRedirectionModule final : public OsmiaHttpModule<HttpRedirectionModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnMapRequestHandler(IHttpContext* pContext, IMapHandlerProvider*) override {
        IOsmiaContext& context = osmia(*pContext);
        const Settings& settings = settings_of.get(context);
        // A child request asks for a file, and its client sees only the parent's URL.
        if (!settings.enabled || pContext->GetParentContext() != nullptr) return RQ_NOTIFICATION_CONTINUE;
        const std::string_view path = text(context, OSMIA_TEXT_URL_PATH);
        const std::string_view suffix = path.substr(context.GetSectionUrlLength(section_number));
        const auto target = location(settings.rules, {path, suffix, text(context, OSMIA_TEXT_QUERY)});
        if (!target) return RQ_NOTIFICATION_CONTINUE;
        if (FAILED(pContext->GetResponse()->Redirect(target->c_str(), FALSE, FALSE))) return refuse(*pContext, 500);
        return refuse(*pContext, settings.status);
    }
};

}  // namespace

}  // namespace http_redirection

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    constexpr PCSTR section = "system.webServer/httpRedirect";
    HRESULT opened = http_redirection::settings_of.open(pServer, pModuleInfo, section);
    if (SUCCEEDED(opened)) opened = OsmiaHost(pServer)->FindSection(section, &http_redirection::section_number);
    if (FAILED(opened)) return opened;
    return OsmiaRegister<http_redirection::HttpRedirectionModule>(pModuleInfo, RQ_MAP_REQUEST_HANDLER);
}
