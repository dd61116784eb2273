// DefaultDocumentModule: a folder's default document, by a child request for it.
#include <osmia_module.h>

#include <string>
#include <string_view>

namespace default_document {

namespace {

class DefaultDocumentModule final : public OsmiaHttpModule<DefaultDocumentModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext,
                                                        IHttpEventProvider*) override {
        auto& context = osmia(*pContext);
        OSMIA_FILE_FACTS facts{};
        const std::string folder = context.GetText(OSMIA_TEXT_URL_PATH);
        if (!folder.ends_with('/') || FAILED(context.GetFileFacts(&facts)) || facts.fDirectory == FALSE)
            return RQ_NOTIFICATION_CONTINUE;
        for (DWORD i = 0;; ++i) {
            const PCSTR name = context.GetDefaultDocument(i);
            if (name == nullptr) return RQ_NOTIFICATION_CONTINUE;
            if (context.IsFile((folder + name).c_str()) != FALSE) return execute(*pContext, folder + name);
        }
    }

    // The child has finished.
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext* pContext, DWORD, BOOL, IHttpEventProvider*,
                                                  IHttpCompletionInfo*) override {
        return finish(*pContext);
    }

    ~DefaultDocumentModule() {
        if (child_ != nullptr) child_->ReleaseClonedContext();
    }

private:
    REQUEST_NOTIFICATION_STATUS execute(IHttpContext& context, const std::string& url) {
        HRESULT result =
            context.CloneContext(CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS | CLONE_FLAG_ENTITY, &child_);
        if (SUCCEEDED(result))
            result = child_->GetRequest()->SetUrl(url.c_str(), static_cast<DWORD>(url.size()), FALSE);
        BOOL expected = FALSE;
        if (SUCCEEDED(result)) result = context.ExecuteRequest(TRUE, child_, 0, nullptr, &expected);
        if (FAILED(result)) context.GetResponse()->SetStatus(500, "", 0, result);
        return expected != FALSE ? RQ_NOTIFICATION_PENDING : finish(context);
    }

    REQUEST_NOTIFICATION_STATUS finish(IHttpContext& context) {
        context.SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    IHttpContext* child_ = nullptr;
};

}  // namespace

}  // namespace default_document

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer*) {
    return OsmiaRegister<default_document::DefaultDocumentModule>(pModuleInfo, RQ_EXECUTE_REQUEST_HANDLER);
}
