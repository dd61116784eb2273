/// \file
/// IsapiModule: the handler that runs ISAPI extensions.
#pragma once

#include <osmia_host.h>

#include <optional>

#include "isapi/extension_table.h"
#include "isapi/session.h"

namespace isapi {

/// One request. Placed in the request's memory.
class IsapiModule final : public CHttpModule {
public:
    IsapiModule(IOsmiaHost& host, ExtensionTable& extensions) : host_(host), extensions_(extensions) {}

    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext,
                                                        IHttpEventProvider* pProvider) override;
    REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext* pContext, DWORD dwNotification,
                                                  BOOL fPostNotification, IHttpEventProvider* pProvider,
                                                  IHttpCompletionInfo* pInfo) override;
    VOID Dispose() override { this->~IsapiModule(); }

private:
    REQUEST_NOTIFICATION_STATUS refuse(IHttpContext& context, USHORT status, USHORT substatus);
    REQUEST_NOTIFICATION_STATUS finish(IHttpContext& context);
    DWORD call(Extension& extension);

    IOsmiaHost& host_;
    ExtensionTable& extensions_;
    std::optional<Session> session_;
};

}  // namespace isapi
