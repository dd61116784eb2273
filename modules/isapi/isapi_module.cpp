#include "isapi/isapi_module.h"

#include <exception>
#include <string>

namespace isapi {

REQUEST_NOTIFICATION_STATUS IsapiModule::refuse(IHttpContext& context, USHORT status, USHORT substatus) {
    context.GetResponse()->SetStatus(status, "", substatus);
    context.SetRequestHandled();
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

REQUEST_NOTIFICATION_STATUS IsapiModule::finish(IHttpContext& context) {
    session_->close();
    context.SetRequestHandled();
    return RQ_NOTIFICATION_CONTINUE;
}

// An exception that an extension lets out would end the process on Windows too; here only its request fails.
DWORD IsapiModule::call(Extension& extension) {
    std::string what = "an exception";
    try {
        return extension.call(session_->block());
    } catch (const std::exception& exception) {
        what = exception.what();
    } catch (...) {
        what = "an exception that is no std::exception";
    }
    host_.WriteLog(("extension " + extension.file() + ": HttpExtensionProc threw: " + what).c_str());
    return HSE_STATUS_ERROR;
}

REQUEST_NOTIFICATION_STATUS IsapiModule::OnExecuteRequestHandler(IHttpContext* pContext,
                                                                 IHttpEventProvider*) {
    PVOID extended = nullptr;
    if (FAILED(pContext->GetExtendedInterface(OSMIA_CONTEXT_INTERFACE, &extended)))
        return refuse(*pContext, 500, 0);
    auto& context = *static_cast<IOsmiaContext*>(extended);
    std::string file = context.GetText(OSMIA_TEXT_SCRIPT_PROCESSOR);
    if (file.empty()) file = context.GetText(OSMIA_TEXT_PHYSICAL_PATH);
    if (context.IsExtensionAllowed(file.c_str()) == FALSE) return refuse(*pContext, 404, 2);

    std::string error;
    Extension* extension = extensions_.find(file, error);
    if (extension == nullptr) {
        host_.WriteLog(("extension " + file + " cannot be loaded: " + error).c_str());
        return refuse(*pContext, 500, 0);
    }
    session_.emplace(*pContext, context, host_);
    if (!session_->prepare()) return refuse(*pContext, 400, 0);
    const DWORD status = call(*extension);
    return session_->returned(status) ? finish(*pContext) : RQ_NOTIFICATION_PENDING;
}

REQUEST_NOTIFICATION_STATUS IsapiModule::OnAsyncCompletion(IHttpContext* pContext, DWORD, BOOL,
                                                           IHttpEventProvider*, IHttpCompletionInfo*) {
    return finish(*pContext);
}

}  // namespace isapi
