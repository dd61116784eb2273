/// \file
/// Where modules keep state of their own.
///
/// Interface names, methods and their order are the ABI of IIS 7 native modules, as published in Microsoft's
/// MIT-licensed httpserv_xp.h (Copyright (c) Microsoft Corporation); the text is ours.
#ifndef OSMIA_SDK_IIS_CONTAINERS_H
#define OSMIA_SDK_IIS_CONTAINERS_H

#include <iis/notifications.h>

/// What a module keeps in a container. The server calls CleanupStoredContext() once, when the container's
/// owner ends; the object frees itself there.
class IHttpStoredContext {
public:
    virtual VOID CleanupStoredContext() = 0;
};

/// One slot per module, tied to a request, an application, a site, a file or a connection.
/// Setting a filled slot fails with ERROR_ALREADY_ASSIGNED; the slot then still holds the first value.
class IHttpModuleContextContainer {
public:
    virtual IHttpStoredContext* GetModuleContext(HTTP_MODULE_ID moduleId) = 0;
    virtual HRESULT SetModuleContext(IHttpStoredContext* ppStoredContext, HTTP_MODULE_ID moduleId) = 0;
};

/// A container whose life the module ends itself, from IHttpServer::DispenseContainer().
class IDispensedHttpModuleContextContainer : public IHttpModuleContextContainer {
public:
    virtual VOID ReleaseContainer() = 0;
};

/// Counters that the server publishes for a module.
class IHttpPerfCounterInfo {
public:
    virtual VOID IncrementCounter(DWORD dwCounterIndex, DWORD dwValue = 1) = 0;
    virtual VOID DecrementCounter(DWORD dwCounterIndex, DWORD dwValue = 1) = 0;
};

/// A stored context that is told of the client's disconnection before it is cleaned up.
class IHttpConnectionStoredContext : public IHttpStoredContext {
public:
    virtual VOID NotifyDisconnect() = 0;
};

/// A container tied to a client connection.
class IHttpConnectionModuleContextContainer : public IHttpModuleContextContainer {
public:
    virtual IHttpConnectionStoredContext* GetConnectionModuleContext(HTTP_MODULE_ID moduleId) = 0;
    virtual HRESULT SetConnectionModuleContext(IHttpConnectionStoredContext* ppStoredContext,
                                               HTTP_MODULE_ID moduleId) = 0;
};

/// The client connection the request came on.
class IHttpConnection {
public:
    virtual BOOL IsConnected() const = 0;
    virtual VOID* AllocateMemory(DWORD cbAllocation) = 0;
    virtual IHttpConnectionModuleContextContainer* GetModuleContextContainer() = 0;
};

#endif
