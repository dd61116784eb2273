/// \file
/// What a request was mapped to: site, application, URL, handler, file.
///
/// Interface names, methods and their order are the ABI of IIS 7 native modules, as published in Microsoft's
/// MIT-licensed httpserv_xp.h (Copyright (c) Microsoft Corporation); the text is ours.
#ifndef OSMIA_SDK_IIS_APPLICATION_H
#define OSMIA_SDK_IIS_APPLICATION_H

#include <http.h>
#include <iis/containers.h>

class IHttpTokenEntry;
class IHttpCacheSpecificData;
struct HTTP_TRACE_CONFIGURATION;
struct HTTP_TRACE_EVENT;

/// The application that the request belongs to. Lives as long as the worker.
class IHttpApplication {
public:
    virtual PCWSTR GetApplicationPhysicalPath() const = 0;
    virtual PCWSTR GetApplicationId() const = 0;
    virtual PCWSTR GetAppConfigPath() const = 0;
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
};

/// Facts that the server keeps per URL.
class IHttpUrlInfo {
public:
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
    virtual BOOL IsFrequentlyHit() const = 0;
};

/// The entry of <handlers> that a request was mapped to.
class IScriptMapInfo {
public:
    virtual PCWSTR GetPath() const = 0;
    virtual PCSTR GetAllowedVerbs() const = 0;
    virtual PCWSTR GetModules(DWORD* pcchModules = nullptr) const = 0;
    virtual PCWSTR GetScriptProcessor(DWORD* pcchScriptProcessor = nullptr) const = 0;
    virtual PCWSTR GetManagedType(DWORD* pcchManagedType = nullptr) const = 0;
    virtual BOOL GetAllowPathInfoForScriptMappings() const = 0;
    virtual DWORD GetRequiredAccess() const = 0;
    virtual DWORD GetResourceType() const = 0;
    virtual BOOL GetIsStarScriptMap() const = 0;
    virtual DWORD GetResponseBufferLimit() const = 0;
    virtual PCWSTR GetName() const = 0;
};

/// The configuration path and the virtual directory behind a URL.
class IMetadataInfo {
public:
    virtual PCWSTR GetMetaPath() const = 0;
    virtual PCWSTR GetVrPath() const = 0;
    virtual IHttpTokenEntry* GetVrToken() = 0;
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
};

/// The site that the request belongs to.
class IHttpSite {
public:
    virtual DWORD GetSiteId() const = 0;
    virtual PCWSTR GetSiteName() const = 0;
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
    virtual IHttpPerfCounterInfo* GetPerfCounterInfo() = 0;
};

/// The name of an object in a cache that modules provide.
class IHttpCacheKey {
public:
    virtual DWORD GetHash() const = 0;
    virtual PCWSTR GetCacheName() const = 0;
    virtual bool GetIsEqual(IHttpCacheKey* pCacheCompareKey) const = 0;
    virtual bool GetIsPrefix(IHttpCacheKey* pCacheCompareKey) const = 0;
    virtual VOID Enum(IHttpCacheSpecificData*) = 0;
};

/// An object in a cache that modules provide. Counted.
class IHttpCacheSpecificData {
public:
    virtual IHttpCacheKey* GetCacheKey() const = 0;
    virtual VOID ReferenceCacheData() = 0;
    virtual VOID DereferenceCacheData() = 0;
    virtual VOID ResetTTL() = 0;
    virtual VOID DecrementTTL(BOOL* pfTTLExpired) = 0;
    virtual VOID SetFlushed() = 0;
    virtual BOOL GetFlushed() const = 0;
};

/// A registered interest in changes of a path.
class IHttpFileMonitor {
public:
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
    virtual VOID DereferenceFileMonitor() = 0;
};

/// An open file with the facts that HTTP wants to know of it. Counted.
class IHttpFileInfo : public IHttpCacheSpecificData {
public:
    virtual DWORD GetAttributes() const = 0;
    virtual VOID GetSize(ULARGE_INTEGER* pliSize) const = 0;
    virtual const BYTE* GetFileBuffer() const = 0;
    virtual HANDLE GetFileHandle() const = 0;
    virtual PCWSTR GetFilePath() const = 0;
    virtual PCSTR GetETag(USHORT* pcchETag = nullptr) const = 0;
    virtual VOID GetLastModifiedTime(FILETIME* pFileTime) const = 0;
    virtual PCSTR GetLastModifiedString() const = 0;
    virtual BOOL GetHttpCacheAllowed(DWORD* pSecondsToLive) const = 0;
    virtual HRESULT AccessCheck(HANDLE hUserToken, PSID pUserSid) = 0;
    virtual HANDLE GetVrToken() const = 0;
    virtual PCWSTR GetVrPath() const = 0;
    virtual IHttpModuleContextContainer* GetModuleContextContainer() = 0;
    virtual BOOL CheckIfFileHasChanged(HANDLE hUserToken) = 0;
};

/// A log-on token in the token cache. Counted.
class IHttpTokenEntry : public IHttpCacheSpecificData {
public:
    virtual HANDLE GetImpersonationToken() = 0;
    virtual HANDLE GetPrimaryToken() = 0;
    virtual PSID GetSid() = 0;
};

/// Where trace events of a request, or of the server, go.
class IHttpTraceContext {
public:
    virtual HRESULT GetTraceConfiguration(HTTP_TRACE_CONFIGURATION* pHttpTraceConfiguration) = 0;
    virtual HRESULT SetTraceConfiguration(HTTP_MODULE_ID moduleId,
                                          HTTP_TRACE_CONFIGURATION* pHttpTraceConfiguration,
                                          DWORD cHttpTraceConfiguration = 1) = 0;
    virtual HRESULT RaiseTraceEvent(HTTP_TRACE_EVENT* pTraceEvent) = 0;
    virtual LPCGUID GetTraceActivityId() = 0;
    virtual HRESULT QuickTrace(PCWSTR pszData1, PCWSTR pszData2 = nullptr, HRESULT hrLastError = S_OK,
                               UCHAR Level = 4) = 0;
};

#endif
