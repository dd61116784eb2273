// CustomErrorModule: what a client sees instead of a bare error, as <httpErrors> says.
#include <fcntl.h>
#include <osmia_module.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "custom_error/detailed_page.h"
#include "custom_error/error_settings.h"

namespace custom_error {

namespace {

/// A page of one's own may have so many bytes; of a longer file the native page is sent instead.
constexpr off_t MaxPageBytes = 1 << 20;
/// Language folders tried for one request.
constexpr int MaxLanguages = 8;

OsmiaSettings<ErrorSettings> settings_of;

std::string variable(IHttpContext& context, PCSTR name) {
    PCSTR value = nullptr;
    DWORD size = 0;
    return SUCCEEDED(context.GetServerVariable(name, &value, &size)) ? std::string(value, size) : std::string();
}

bool read_file(const std::string& path, std::string& content) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return false;
    struct stat facts {};
    const bool usable = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= MaxPageBytes;
    if (usable) content.resize(static_cast<std::size_t>(facts.st_size));
    const ssize_t got = usable ? ::pread(file, content.data(), content.size(), 0) : -1;
    ::close(file);
    if (got >= 0) content.resize(static_cast<std::size_t>(got));
    return got >= 0;
}

std::string_view type_of(std::string_view path) {
    const std::string_view extension = path.substr(std::min(path.rfind('.'), path.size()));
    if (extension == ".txt") return "text/plain; charset=utf-8";
    if (extension == ".json") return "application/json";
    if (extension == ".xml") return "application/xml";
    return "text/html";
}

bool is_language(std::string_view tag) {
    if (tag.empty() || tag.size() > 35) return false;
    for (const char c : tag) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!word) return false;
    }
    return true;
}

class CustomErrorModule final : public OsmiaHttpModule<CustomErrorModule> {
public:
    ~CustomErrorModule() {
        if (child_ != nullptr) child_->ReleaseClonedContext();
    }

    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* pContext, ISendResponseProvider* pProvider) override {
        if (pProvider->GetHeadersBeingSent() == FALSE || running_) return RQ_NOTIFICATION_CONTINUE;
        BOOL skip = FALSE;
        pContext->GetResponse()->GetStatus(&status_, &substatus_, nullptr, nullptr, &error_, nullptr, nullptr, nullptr,
                                           &skip);
        if (status_ < 400) return RQ_NOTIFICATION_CONTINUE;
        IOsmiaContext& face = osmia(*pContext);
        const ErrorSettings& settings = settings_of.get(face);
        const bool more = (pProvider->GetFlags() & HTTP_SEND_RESPONSE_FLAG_MORE_DATA) != 0;
        const bool exists = more || face.GetBodyPieceCount() != 0;
        if (settings.existing == ExistingResponse::PassThrough && exists) return RQ_NOTIFICATION_CONTINUE;
        if (settings.existing == ExistingResponse::Auto && skip != FALSE) return RQ_NOTIFICATION_CONTINUE;
        // What is not whole yet would go on behind our page.
        if (!more) replace(*pContext, face, settings);
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    void replace(IHttpContext& context, IOsmiaContext& face, const ErrorSettings& settings) {
        const bool detailed = settings.mode == ErrorMode::Detailed ||
                              (settings.mode == ErrorMode::DetailedLocalOnly && face.IsLocalClient() != FALSE);
        if (detailed) return send_details(context, face, settings);
        face.ClearBody();  // without one the server's own small page is sent
        const CustomResponse* custom = settings.find(status_, substatus_);
        if (custom == nullptr) return;
        switch (custom->mode) {
            case ResponseMode::File:
                return send_file(context, face, settings, *custom);
            case ResponseMode::ExecuteUrl:
                return execute(context, *custom);
            case ResponseMode::Redirect:
                context.GetResponse()->Clear();
                context.GetResponse()->Redirect(custom->path.c_str());
        }
    }

    void send_page(IHttpContext& context, IOsmiaContext& face, std::string_view page, std::string_view type) {
        face.ClearBody();
        context.GetResponse()->DeleteHeader("Content-Length");
        set_header(context, "Content-Type", type);
        face.WriteBody(page.data(), static_cast<DWORD>(page.size()));
    }

    void send_details(IHttpContext& context, IOsmiaContext& face, const ErrorSettings& settings) {
        Fault fault;
        fault.status = status_;
        fault.substatus = substatus_;
        PCSTR phrase = nullptr;
        USHORT length = 0;
        context.GetResponse()->GetStatus(&status_, nullptr, &phrase, &length);
        fault.phrase = {phrase, length};
        fault.description = description(*context.GetResponse());
        fault.more_link = more_link(settings);
        char code[16] = "";
        if (error_ != S_OK) std::snprintf(code, sizeof code, "0x%08x", static_cast<unsigned>(error_));
        fault.facts = {{"Handler", std::string(text(face, OSMIA_TEXT_HANDLER_NAME))},
                       {"Error code", code},
                       {"Requested", std::string(context.GetRequest()->GetHttpMethod()) + " " + requested_url(context)},
                       {"Physical path", std::string(text(face, OSMIA_TEXT_PHYSICAL_PATH))},
                       {"User", variable(context, "REMOTE_USER").empty() ? "anonymous" : variable(context, "REMOTE_USER")},
                       {"Request", std::string(text(face, OSMIA_TEXT_REQUEST_ID))}};
        send_page(context, face, detailed_page(fault), "text/html; charset=utf-8");
    }

    static std::string description(IHttpResponse& response) {
        DWORD size = 0;
        const PCWSTR words = response.GetErrorDescription(&size);
        std::string plain;
        for (DWORD i = 0; words != nullptr && i < size; ++i) plain += words[i] < 0x80 ? static_cast<char>(words[i]) : '?';
        return plain.empty() ? plain : "<p>" + OsmiaEscapeHtml(plain) + "</p>\n";
    }

    std::string more_link(const ErrorSettings& settings) const {
        std::string link = settings.more_information_link;
        if (link.empty()) return link;
        link += link.find('?') == std::string::npos ? '?' : '&';
        return link + "status=" + std::to_string(status_) + "," + std::to_string(substatus_);
    }

    static std::string requested_url(IHttpContext& context) {
        const std::string host = variable(context, "HTTP_HOST");
        const std::string scheme = variable(context, "HTTPS") == "on" ? "https://" : "http://";
        return scheme + (host.empty() ? variable(context, "SERVER_NAME") : host) + variable(context, "UNENCODED_URL");
    }

    void send_file(IHttpContext& context, IOsmiaContext& face, const ErrorSettings& settings,
                   const CustomResponse& custom) {
        const bool absolute = custom.path.starts_with('/') || custom.language_folder.starts_with('/');
        if (absolute && custom.delegated && !settings.absolute_paths_when_delegated) return;
        std::string page;
        if (custom.language_folder.empty()) {
            const std::string path = absolute ? custom.path : variable(context, "APPL_PHYSICAL_PATH") + custom.path;
            if (read_file(path, page)) send_page(context, face, page, type_of(custom.path));
            return;
        }
        const std::string folder = custom.language_folder.starts_with('/')
                                       ? custom.language_folder
                                       : variable(context, "APPL_PHYSICAL_PATH") + custom.language_folder;
        if (read_language_file(context, folder, custom.path, page)) send_page(context, face, page, type_of(custom.path));
    }

    // The client's languages in the order it names them, each also without its region; then none.
    static bool read_language_file(IHttpContext& context, const std::string& folder, const std::string& name,
                                   std::string& page) {
        std::string_view list = header(context, HttpHeaderAcceptLanguage);
        for (int tried = 0; tried < MaxLanguages && !list.empty(); ++tried) {
            std::string_view tag = list.substr(0, list.find(','));
            list.remove_prefix(std::min(list.size(), tag.size() + 1));
            while (tag.starts_with(' ')) tag.remove_prefix(1);
            tag = tag.substr(0, tag.find_first_of("; "));
            if (!is_language(tag)) continue;
            const std::string primary(tag.substr(0, tag.find('-')));
            if (read_file(folder + "/" + std::string(tag) + "/" + name, page) ||
                read_file(folder + "/" + primary + "/" + name, page))
                return true;
        }
        return read_file(folder + "/" + name, page);
    }

    // IIS appends what failed as the query: /errors/404.asp?404;http://host/path
    void execute(IHttpContext& context, const CustomResponse& custom) {
        const std::string url = custom.path + (custom.path.find('?') == std::string::npos ? "?" : "&") +
                                std::to_string(status_) + ";" + requested_url(context);
        running_ = true;
        HRESULT result = context.CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS, &child_);
        if (SUCCEEDED(result)) result = child_->GetRequest()->SetHttpMethod("GET");
        if (SUCCEEDED(result)) result = child_->GetRequest()->SetUrl(url.c_str(), static_cast<DWORD>(url.size()), TRUE);
        if (SUCCEEDED(result)) {
            for (PCSTR name : {"Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range"})
                child_->GetRequest()->DeleteHeader(name);
            context.GetResponse()->Clear();
            context.GetResponse()->SetStatus(200, "");
            result = context.ExecuteRequest(FALSE, child_, 0, nullptr);
        }
        running_ = false;
        if (result == HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)) return restore(context, 403, 18, result);
        if (FAILED(result)) restore(context, status_, substatus_, result);
    }

    static void restore(IHttpContext& context, USHORT status, USHORT substatus, HRESULT error) {
        context.GetResponse()->SetStatus(status, "", substatus, error);
    }

    IHttpContext* child_ = nullptr;
    bool running_ = false;
    USHORT status_ = 0, substatus_ = 0;
    HRESULT error_ = S_OK;
};

}  // namespace

}  // namespace custom_error

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    const HRESULT opened = custom_error::settings_of.open(pServer, pModuleInfo, "system.webServer/httpErrors");
    if (FAILED(opened)) return opened;
    // Inverted for this event: the page must be there before others add headers to it or compress it.
    pModuleInfo->SetPriorityForRequestNotification(RQ_SEND_RESPONSE, PRIORITY_ALIAS_LAST);
    return OsmiaRegister<custom_error::CustomErrorModule>(pModuleInfo, RQ_SEND_RESPONSE);
}
