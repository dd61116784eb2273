// DirectoryListingModule: what a folder holds, where <directoryBrowse> allows it.
#include <osmia_module.h>

#include <unordered_set>

#include "directory_listing/listing_page.h"

namespace directory_listing {

namespace {

struct Settings {
    explicit Settings(const IOsmiaElement& section) : enabled(section.GetFlag("enabled") != FALSE) {
        const LONGLONG flags = section.GetNumber("showFlags");
        shown = {(flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0, (flags & 16) != 0, (flags & 32) != 0};
    }
    bool enabled;
    Shown shown;
};

std::string lower_case(std::string_view text) {
    std::string lower;
    for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lower;
}

/// What request filtering would refuse is not shown either.
struct Hidden {
    explicit Hidden(const IOsmiaElement& section) {
        const IOsmiaElement& list = section.GetChild("hiddenSegments");
        for (DWORD i = 0; i < list.GetItemCount(); ++i) names.insert(lower_case(list.GetItem(i).GetText("segment")));
        const IOsmiaElement& files = section.GetChild("fileExtensions");
        for (DWORD i = 0; i < files.GetItemCount(); ++i) {
            if (files.GetItem(i).GetFlag("allowed") == FALSE) extensions.insert(lower_case(files.GetItem(i).GetText("fileExtension")));
        }
    }
    bool hides(const std::string& name) const {
        const auto dot = name.rfind('.');
        return names.contains(lower_case(name)) || (dot != name.npos && extensions.contains(lower_case(name.substr(dot))));
    }
    std::unordered_set<std::string> names, extensions;
};

OsmiaSettings<Settings> settings_of;
OsmiaSettings<Hidden> hidden_of;

bool asks_for(std::string_view query, std::string_view pair) {
    return query == pair || query.starts_with(std::string(pair) + "&") || query.find("&" + std::string(pair)) != query.npos;
}

class DirectoryListingModule final : public OsmiaHttpModule<DirectoryListingModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext, IHttpEventProvider*) override {
        IOsmiaContext& context = osmia(*pContext);
        const std::string_view method = pContext->GetRequest()->GetHttpMethod();
        const std::string_view path = text(context, OSMIA_TEXT_URL_PATH);
        const Settings& settings = settings_of.get(context);
        OSMIA_FILE_FACTS facts{};
        if (!settings.enabled || !path.ends_with('/') || (method != "GET" && method != "HEAD")) return RQ_NOTIFICATION_CONTINUE;
        if (FAILED(context.GetFileFacts(&facts)) || facts.fDirectory == FALSE) return RQ_NOTIFICATION_CONTINUE;
        const Hidden& hidden = hidden_of.get(context);
        Listing listing;
        if (!read_listing(facts.Descriptor, [&](const std::string& name) { return hidden.hides(name); }, listing))
            return refuse(*pContext, 401, 3);
        send(*pContext, context, listing, path, settings.shown);
        pContext->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static void send(IHttpContext& http, IOsmiaContext& context, Listing& listing, std::string_view path, const Shown& shown) {
        const std::string_view query = text(context, OSMIA_TEXT_QUERY);
        const SortBy by = asks_for(query, "sort=size") ? SortBy::Size : asks_for(query, "sort=modified") ? SortBy::Modified : SortBy::Name;
        const bool descending = asks_for(query, "order=desc");
        sort_listing(listing, by, descending);
        const bool json = wants_json(header(http, HttpHeaderAccept));
        const std::string body = json ? json_text(listing, path, shown) : html_page(listing, path, shown, by, descending);
        set_header(http, "Content-Type", json ? "application/json" : "text/html; charset=utf-8");
        set_header(http, "Vary", "Accept");
        set_header(http, "Cache-Control", "no-cache");
        context.WriteBody(body.data(), static_cast<DWORD>(body.size()));
    }

    // Named before any kind of HTML: browsers name HTML first.
    static bool wants_json(std::string_view accept) {
        const auto json = accept.find("application/json"), html = accept.find("text/html");
        return json != accept.npos && json < html;
    }
};

}  // namespace

}  // namespace directory_listing

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    HRESULT opened = directory_listing::settings_of.open(pServer, pModuleInfo, "system.webServer/directoryBrowse");
    if (SUCCEEDED(opened))
        opened = directory_listing::hidden_of.open(pServer, pModuleInfo, "system.webServer/security/requestFiltering");
    if (FAILED(opened)) return opened;
    return OsmiaRegister<directory_listing::DirectoryListingModule>(pModuleInfo, RQ_EXECUTE_REQUEST_HANDLER);
}
