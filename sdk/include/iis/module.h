/// \file
/// The classes a module derives from, and its registration.
///
/// Interface names, methods and their order are the ABI of IIS 7 native modules, as published in Microsoft's
/// MIT-licensed httpserv_xp.h (Copyright (c) Microsoft Corporation); the text is ours.
#ifndef OSMIA_SDK_IIS_MODULE_H
#define OSMIA_SDK_IIS_MODULE_H

#include <stdio.h>
#include <stdlib.h>

#include <iis/providers.h>

/// Ends the process: the module asked for an event whose method it does not override, usually because a
/// parameter type differs. IIS breaks into the debugger here. The name of the method goes to standard error.
inline void OsmiaMethodNotOverridden(const char* pszMethod) {
    fprintf(stderr,
            "%s: a module subscribed to this event but does not override the method; check its signature\n",
            pszMethod);
    abort();
}

/// One module's part in one request. Made by the module's IHttpModuleFactory; the server calls Dispose() when
/// the request ends. Never called by two threads at once.
class CHttpModule {
public:
    virtual REQUEST_NOTIFICATION_STATUS OnBeginRequest(IHttpContext* /*pHttpContext*/,
                                                       IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnBeginRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostBeginRequest(IHttpContext* /*pHttpContext*/,
                                                           IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostBeginRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnAuthenticateRequest(IHttpContext* /*pHttpContext*/,
                                                              IAuthenticationProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnAuthenticateRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostAuthenticateRequest(IHttpContext* /*pHttpContext*/,
                                                                  IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostAuthenticateRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnAuthorizeRequest(IHttpContext* /*pHttpContext*/,
                                                           IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnAuthorizeRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostAuthorizeRequest(IHttpContext* /*pHttpContext*/,
                                                               IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostAuthorizeRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnResolveRequestCache(IHttpContext* /*pHttpContext*/,
                                                              IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnResolveRequestCache");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostResolveRequestCache(IHttpContext* /*pHttpContext*/,
                                                                  IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostResolveRequestCache");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnMapRequestHandler(IHttpContext* /*pHttpContext*/,
                                                            IMapHandlerProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnMapRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostMapRequestHandler(IHttpContext* /*pHttpContext*/,
                                                                IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostMapRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnAcquireRequestState(IHttpContext* /*pHttpContext*/,
                                                              IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnAcquireRequestState");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostAcquireRequestState(IHttpContext* /*pHttpContext*/,
                                                                  IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostAcquireRequestState");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPreExecuteRequestHandler(IHttpContext* /*pHttpContext*/,
                                                                   IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPreExecuteRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostPreExecuteRequestHandler(IHttpContext* /*pHttpContext*/,
                                                                       IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostPreExecuteRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* /*pHttpContext*/,
                                                                IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnExecuteRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostExecuteRequestHandler(IHttpContext* /*pHttpContext*/,
                                                                    IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostExecuteRequestHandler");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnReleaseRequestState(IHttpContext* /*pHttpContext*/,
                                                              IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnReleaseRequestState");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostReleaseRequestState(IHttpContext* /*pHttpContext*/,
                                                                  IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostReleaseRequestState");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnUpdateRequestCache(IHttpContext* /*pHttpContext*/,
                                                             IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnUpdateRequestCache");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostUpdateRequestCache(IHttpContext* /*pHttpContext*/,
                                                                 IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostUpdateRequestCache");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnLogRequest(IHttpContext* /*pHttpContext*/,
                                                     IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnLogRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostLogRequest(IHttpContext* /*pHttpContext*/,
                                                         IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostLogRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnEndRequest(IHttpContext* /*pHttpContext*/,
                                                     IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnEndRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnPostEndRequest(IHttpContext* /*pHttpContext*/,
                                                         IHttpEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnPostEndRequest");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* /*pHttpContext*/,
                                                       ISendResponseProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnSendResponse");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnMapPath(IHttpContext* /*pHttpContext*/,
                                                  IMapPathProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnMapPath");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnReadEntity(IHttpContext* /*pHttpContext*/,
                                                     IReadEntityProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnReadEntity");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnCustomRequestNotification(
        IHttpContext* /*pHttpContext*/, ICustomNotificationProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnCustomRequestNotification");
        return RQ_NOTIFICATION_CONTINUE;
    }
    virtual REQUEST_NOTIFICATION_STATUS OnAsyncCompletion(IHttpContext* /*pHttpContext*/,
                                                          DWORD /*dwNotification*/,
                                                          BOOL /*fPostNotification*/,
                                                          IHttpEventProvider* /*pProvider*/,
                                                          IHttpCompletionInfo* /*pCompletionInfo*/) {
        OsmiaMethodNotOverridden("CHttpModule::OnAsyncCompletion");
        return RQ_NOTIFICATION_CONTINUE;
    }
    /// Overridden by modules that IModuleAllocator placed: they must not be deleted.
    virtual VOID Dispose() { delete this; }

protected:
    CHttpModule() {}
    virtual ~CHttpModule() {}
};

/// A module's part in what happens to the whole worker process.
class CGlobalModule {
public:
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalStopListening(IGlobalStopListeningProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalStopListening");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCacheCleanup() {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalCacheCleanup");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCacheOperation(ICacheProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalCacheOperation");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalHealthCheck() {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalHealthCheck");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalConfigurationChange(
        IGlobalConfigurationChangeProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalConfigurationChange");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalFileChange(IGlobalFileChangeProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalFileChange");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalPreBeginRequest(IPreBeginRequestProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalPreBeginRequest");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStart(
        IHttpApplicationStartProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalApplicationStart");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationResolveModules(
        IHttpApplicationResolveModulesProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalApplicationResolveModules");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationStop(IHttpApplicationStopProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalApplicationStop");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalRSCAQuery(IGlobalRSCAQueryProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalRSCAQuery");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalTraceEvent(IGlobalTraceEventProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalTraceEvent");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalCustomNotification(
        ICustomNotificationProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalCustomNotification");
        return GL_NOTIFICATION_CONTINUE;
    }
    /// Called once, at the end of the worker.
    virtual VOID Terminate() = 0;
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalThreadCleanup(IGlobalThreadCleanupProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalThreadCleanup");
        return GL_NOTIFICATION_CONTINUE;
    }
    virtual GLOBAL_NOTIFICATION_STATUS OnGlobalApplicationPreload(
        IGlobalApplicationPreloadProvider* /*pProvider*/) {
        OsmiaMethodNotOverridden("CGlobalModule::OnGlobalApplicationPreload");
        return GL_NOTIFICATION_CONTINUE;
    }
};

/// Memory that lives as long as the request; nothing frees it singly.
class IModuleAllocator {
public:
    virtual VOID* AllocateMemory(DWORD cbAllocation) = 0;
};

/// Makes one CHttpModule per request that reaches an event the module asked for. Terminate() is called once,
/// at the end of the worker.
class IHttpModuleFactory {
public:
    virtual HRESULT GetHttpModule(CHttpModule** ppModule, IModuleAllocator* pAllocator) = 0;
    virtual VOID Terminate() = 0;
};

/// What RegisterModule() tells the server about a module.
class IHttpModuleRegistrationInfo {
public:
    virtual PCWSTR GetName() const = 0;
    virtual HTTP_MODULE_ID GetId() const = 0;
    virtual HRESULT SetRequestNotifications(IHttpModuleFactory* pModuleFactory, DWORD dwRequestNotifications,
                                            DWORD dwPostRequestNotifications) = 0;
    virtual HRESULT SetGlobalNotifications(CGlobalModule* pGlobalModule, DWORD dwGlobalNotifications) = 0;
    virtual HRESULT SetPriorityForRequestNotification(DWORD dwRequestNotification, PCWSTR pszPriority) = 0;
    virtual HRESULT SetPriorityForGlobalNotification(DWORD dwGlobalNotification, PCWSTR pszPriority) = 0;
};

/// The one function a module exports.
typedef HRESULT(WINAPI* PFN_REGISTERMODULE)(DWORD dwServerVersion, IHttpModuleRegistrationInfo* pModuleInfo,
                                            IHttpServer* pGlobalInfo);

#define MODULE_REGISTERMODULE "RegisterModule"

/// Defined by the module. Declared here so that its definition has C linkage and is exported.
extern "C" OSMIA_EXPORT HRESULT WINAPI RegisterModule(DWORD dwServerVersion,
                                                      IHttpModuleRegistrationInfo* pModuleInfo,
                                                      IHttpServer* pGlobalInfo);

#endif
