/// \file
/// What each notification offers beside the request.
///
/// Interface names, methods and their order are the ABI of IIS 7 native modules, as published in Microsoft's
/// MIT-licensed httpserv_xp.h (Copyright (c) Microsoft Corporation); the text is ours.
#ifndef OSMIA_SDK_IIS_PROVIDERS_H
#define OSMIA_SDK_IIS_PROVIDERS_H

#include <iis/server.h>

class IHttpModuleFactory;

/// What every notification offers: a way to fail with an HRESULT.
class IHttpEventProvider {
public:
    virtual VOID SetErrorStatus(HRESULT hrError) = 0;
};

/// The outcome of an asynchronous operation.
class IHttpCompletionInfo {
public:
    virtual DWORD GetCompletionBytes() const = 0;
    virtual HRESULT GetCompletionStatus() const = 0;
};

/// A notification that modules define among themselves.
class ICustomNotificationProvider : public IHttpEventProvider {
public:
    virtual PCWSTR QueryNotificationType() = 0;
};

/// RQ_AUTHENTICATE_REQUEST: where the authenticated user is set.
class IAuthenticationProvider : public IHttpEventProvider {
public:
    virtual VOID SetUser(IHttpUser* pUser) = 0;
};

/// RQ_MAP_REQUEST_HANDLER: where another handler or file can be chosen.
class IMapHandlerProvider : public IHttpEventProvider {
public:
    virtual HRESULT SetScriptName(PCWSTR pszScriptName, DWORD cchScriptName) = 0;
    virtual VOID SetScriptMap(IScriptMapInfo* pScriptMap) = 0;
    virtual VOID SetFileInfo(IHttpFileInfo* pFileInfo) = 0;
};

/// RQ_MAP_PATH: where the physical path of a URL can be changed.
class IMapPathProvider : public IHttpEventProvider {
public:
    virtual PCWSTR GetUrl() const = 0;
    virtual PCWSTR GetPhysicalPath() const = 0;
    virtual HRESULT SetPhysicalPath(PCWSTR pszPhysicalPath, DWORD cchPhysicalPath) = 0;
};

/// RQ_SEND_RESPONSE: what is about to be sent.
class ISendResponseProvider : public IHttpEventProvider {
public:
    virtual BOOL GetHeadersBeingSent() const = 0;
    virtual DWORD GetFlags() const = 0;
    virtual VOID SetFlags(DWORD dwFlags) = 0;
    virtual HTTP_LOG_DATA* GetLogData() const = 0;
    virtual HRESULT SetLogData(HTTP_LOG_DATA* pLogData) = 0;
    virtual BOOL GetReadyToLogData() const = 0;
};

/// RQ_READ_ENTITY: the body bytes just read.
class IReadEntityProvider : public IHttpEventProvider {
public:
    virtual VOID GetEntity(PVOID* ppBuffer, DWORD* pcbData, DWORD* pcbBuffer) = 0;
    virtual VOID SetEntity(PVOID pBuffer, DWORD cbData, DWORD cbBuffer) = 0;
};

/// GL_PRE_BEGIN_REQUEST.
class IPreBeginRequestProvider : public IHttpEventProvider {
public:
    virtual IHttpContext* GetHttpContext() = 0;
};

/// GL_APPLICATION_START and GL_APPLICATION_STOP.
class IHttpApplicationProvider : public IHttpEventProvider {
public:
    virtual IHttpApplication* GetApplication() = 0;
};

/// GL_APPLICATION_RESOLVE_MODULES: where a module adds modules of its own to an application.
class IHttpApplicationResolveModulesProvider : public IHttpApplicationProvider {
public:
    virtual HRESULT RegisterModule(HTTP_MODULE_ID parentModuleId, IHttpModuleFactory* pModuleFactory,
                                   PCWSTR pszModuleName, PCWSTR pszModuleType, PCWSTR pszModulePreCondition,
                                   DWORD dwRequestNotifications, DWORD dwPostRequestNotifications) = 0;
    virtual HRESULT SetPriorityForRequestNotification(PCWSTR pszModuleName, DWORD dwRequestNotification,
                                                      PCWSTR pszPriorityAlias) = 0;
};

/// GL_RSCA_QUERY: a question from the administration side.
class IGlobalRSCAQueryProvider : public IHttpEventProvider {
public:
    virtual PCWSTR GetFunctionName() const = 0;
    virtual PCWSTR GetFunctionParameters() const = 0;
    virtual HRESULT GetOutputBuffer(DWORD cbBuffer, BYTE** ppbBuffer) = 0;
    virtual HRESULT ResizeOutputBuffer(DWORD cbNewBuffer, DWORD cbBytesToCopy, BYTE** ppbBuffer) = 0;
    virtual VOID SetResult(DWORD cbData, HRESULT hr) = 0;
};

/// GL_STOP_LISTENING.
class IGlobalStopListeningProvider : public IHttpEventProvider {
public:
    virtual BOOL DrainRequestsGracefully() const = 0;
};

/// GL_CACHE_OPERATION.
class ICacheProvider : public IHttpEventProvider {
public:
    virtual CACHE_OPERATION GetCacheOperation() const = 0;
    virtual IHttpCacheKey* GetCacheKey() const = 0;
    virtual IHttpCacheSpecificData* GetCacheRecord() const = 0;
    virtual VOID SetCacheRecord(IHttpCacheSpecificData* pCacheRecord) = 0;
    virtual IHttpTraceContext* GetTraceContext() const = 0;
};

/// GL_CONFIGURATION_CHANGE.
class IGlobalConfigurationChangeProvider : public IHttpEventProvider {
public:
    virtual PCWSTR GetChangePath() const = 0;
};

/// GL_FILE_CHANGE.
class IGlobalFileChangeProvider : public IHttpEventProvider {
public:
    virtual PCWSTR GetFileName() const = 0;
    virtual IHttpFileMonitor* GetFileMonitor() = 0;
};

/// GL_TRACE_EVENT.
class IGlobalTraceEventProvider : public IHttpEventProvider {
public:
    virtual HRESULT GetTraceEvent(HTTP_TRACE_EVENT** ppTraceEvent) = 0;
    virtual BOOL CheckSubscription(HTTP_MODULE_ID ModuleId) = 0;
    virtual HRESULT GetCurrentHttpRequestContext(IHttpContext** ppHttpContext) = 0;
};

/// GL_THREAD_CLEANUP.
class IGlobalThreadCleanupProvider : public IHttpEventProvider {
public:
    virtual IHttpApplication* GetApplication() = 0;
};

/// GL_APPLICATION_PRELOAD.
class IGlobalApplicationPreloadProvider : public IHttpEventProvider {
public:
    virtual HRESULT CreateContext(IHttpContext** ppHttpContext) = 0;
    virtual HRESULT ExecuteRequest(IHttpContext* pHttpContext, IHttpUser* pHttpUser) = 0;
};

typedef IHttpApplicationProvider IHttpApplicationStartProvider;
typedef IHttpApplicationProvider IHttpApplicationStopProvider;

#endif
