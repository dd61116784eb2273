/// \file
/// One request on its way through the pipeline.
///
/// Interface names, methods and their order are the ABI of IIS 7 native modules, as published in Microsoft's
/// MIT-licensed httpserv_xp.h (Copyright (c) Microsoft Corporation); the text is ours.
#ifndef OSMIA_SDK_IIS_CONTEXT_H
#define OSMIA_SDK_IIS_CONTEXT_H

#include <iis/application.h>
#include <iis/request.h>
#include <iis/response.h>

class CHttpModule;
class ICustomNotificationProvider;
class IHttpEventProvider;

/// IHttpContext's extended interfaces. IIS defines none; Osmia's own are in osmia_host.h.
enum HTTP_CONTEXT_INTERFACE_VERSION : int {};

/// One request on its way through the pipeline. A module uses it on the thread that called it, or on any
/// thread while the request is pending for that module, never after.
///
/// IndicateCompletion() resumes a pending request on the calling thread; PostCompletion() resumes it through
/// OnAsyncCompletion() on a thread of the server's pool.
class IHttpContext {
public:
    virtual IHttpSite* GetSite() = 0;
    virtual IHttpApplication* GetApplication() = 0;
    virtual IHttpConnection* GetConnection() = 0;
    virtual IHttpRequest* GetRequest() = 0;
    virtual IHttpResponse* GetResponse() = 0;
    virtual BOOL GetResponseHeadersSent() const = 0;
    virtual IHttpUser* GetUser() const = 0;
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
    virtual VOID IndicateCompletion(REQUEST_NOTIFICATION_STATUS notificationStatus) = 0;
    virtual HRESULT PostCompletion(DWORD cbBytes) = 0;
    virtual VOID DisableNotifications(DWORD dwNotifications, DWORD dwPostNotifications) = 0;
    virtual BOOL GetNextNotification(REQUEST_NOTIFICATION_STATUS status, DWORD* pdwNotification,
                                     BOOL* pfIsPostNotification, CHttpModule** ppModuleInfo,
                                     IHttpEventProvider** ppRequestOutput) = 0;
    virtual BOOL GetIsLastNotification(REQUEST_NOTIFICATION_STATUS status) = 0;
    virtual HRESULT ExecuteRequest(BOOL fAsync, IHttpContext* pHttpContext, DWORD dwExecuteFlags,
                                   IHttpUser* pHttpUser, BOOL* pfCompletionExpected = nullptr) = 0;
    virtual DWORD GetExecuteFlags() const = 0;
    virtual HRESULT GetServerVariable(PCSTR pszVariableName, PCWSTR* ppszValue, DWORD* pcchValueLength) = 0;
    virtual HRESULT GetServerVariable(PCSTR pszVariableName, PCSTR* ppszValue, DWORD* pcchValueLength) = 0;
    virtual HRESULT SetServerVariable(PCSTR pszVariableName, PCWSTR pszVariableValue) = 0;
    virtual VOID* AllocateRequestMemory(DWORD cbAllocation) = 0;
    virtual IHttpUrlInfo* GetUrlInfo() = 0;
    virtual IMetadataInfo* GetMetadata() = 0;
    virtual PCWSTR GetPhysicalPath(DWORD* pcchPhysicalPath = nullptr) = 0;
    virtual PCWSTR GetScriptName(DWORD* pcchScriptName = nullptr) const = 0;
    virtual PCWSTR GetScriptTranslated(DWORD* pcchScriptTranslated = nullptr) = 0;
    virtual IScriptMapInfo* GetScriptMap() const = 0;
    virtual VOID SetRequestHandled() = 0;
    virtual IHttpFileInfo* GetFileInfo() const = 0;
    virtual HRESULT MapPath(PCWSTR pszUrl, PWSTR pszPhysicalPath, DWORD* pcbPhysicalPath) = 0;
    virtual HRESULT NotifyCustomNotification(ICustomNotificationProvider* pCustomOutput,
                                             BOOL* pfCompletionExpected) = 0;
    virtual IHttpContext* GetParentContext() const = 0;
    virtual IHttpContext* GetRootContext() const = 0;
    virtual HRESULT CloneContext(DWORD dwCloneFlags, IHttpContext** ppHttpContext) = 0;
    virtual HRESULT ReleaseClonedContext() = 0;
    virtual HRESULT GetCurrentExecutionStats(DWORD* pdwNotification,
                                             DWORD* pdwNotificationStartTickCount = nullptr,
                                             PCWSTR* ppszModule = nullptr,
                                             DWORD* pdwModuleStartTickCount = nullptr,
                                             DWORD* pdwAsyncNotification = nullptr,
                                             DWORD* pdwAsyncNotificationStartTickCount = nullptr) const = 0;
    virtual IHttpTraceContext* GetTraceContext() const = 0;
    virtual HRESULT GetServerVarChanges(DWORD dwOldChangeNumber, DWORD* pdwNewChangeNumber,
                                        DWORD* pdwVariableSnapshot, PCSTR** ppVariableNameSnapshot,
                                        PCWSTR** ppVariableValueSnapshot, DWORD* pdwDiffedVariables,
                                        DWORD** ppDiffedVariableIndices) = 0;
    virtual HRESULT CancelIo() = 0;
    virtual HRESULT MapHandler(DWORD dwSiteId, PCWSTR pszSiteName, PCWSTR pszUrl, PCSTR pszVerb,
                               IScriptMapInfo** ppScriptMap, BOOL fIgnoreWildcardMappings = FALSE) = 0;
    virtual HRESULT GetExtendedInterface(HTTP_CONTEXT_INTERFACE_VERSION version, PVOID* ppInterface) = 0;
};

#endif
