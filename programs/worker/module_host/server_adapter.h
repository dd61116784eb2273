/// \file
/// IHttpServer and IOsmiaHost: the worker process as modules see it.
#pragma once

#include <osmia_host.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "worker/module_host/extension_loader.h"
#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// What modules may ask of the process. Thread-safe.
class HostServices {
public:
    virtual ~HostServices() = default;
    virtual void post(std::function<void()> work) = 0;
    virtual void log(const std::string& line) = 0;
    virtual void report_extension(const OSMIA_EXTENSION_REPORT& report) = 0;
    /// Asks the supervisor for a replacement of this worker.
    virtual void request_recycle(const std::string& reason, bool unhealthy) = 0;
    virtual void extension_changed(const std::string& file) = 0;
    virtual const WorkerFacts& facts() = 0;
};

/// One per worker; outlives all modules.
class ServerAdapter final : public IHttpServer2, public IOsmiaHost {
public:
    explicit ServerAdapter(HostServices& services);
    virtual ~ServerAdapter();
    ExtensionLoader& extensions() { return loader_; }

    BOOL IsCommandLineLaunch() const override { return FALSE; }
    PCWSTR GetAppPoolName() const override { return pool_.c_str(); }
    HRESULT AssociateWithThreadPool(HANDLE, LPOVERLAPPED_COMPLETION_ROUTINE) override { return E_NOTIMPL; }
    VOID IncrementThreadCount() override {}
    VOID DecrementThreadCount() override {}
    VOID ReportUnhealthy(PCWSTR pszReason, HRESULT hrReason) override;
    VOID RecycleProcess(PCWSTR pszReason) override;
    IAppHostAdminManager* GetAdminManager() const override { return nullptr; }
    HRESULT GetFileInfo(PCWSTR, HANDLE, PSID, PCWSTR, HANDLE, BOOL, IHttpFileInfo**,
                        IHttpTraceContext*) override {
        return E_NOTIMPL;
    }
    HRESULT FlushKernelCache(PCWSTR) override { return S_OK; }
    HRESULT DoCacheOperation(CACHE_OPERATION, IHttpCacheKey*, IHttpCacheSpecificData**,
                             IHttpTraceContext*) override {
        return E_NOTIMPL;
    }
    GLOBAL_NOTIFICATION_STATUS NotifyCustomNotification(ICustomNotificationProvider*) override {
        return GL_NOTIFICATION_CONTINUE;
    }
    IHttpPerfCounterInfo* GetPerfCounterInfo() override { return nullptr; }
    VOID RecycleApplication(PCWSTR) override {
        services_.request_recycle("a module asked to recycle an application", false);
    }
    VOID NotifyConfigurationChange(PCWSTR) override {}
    VOID NotifyFileChange(PCWSTR) override {}
    IDispensedHttpModuleContextContainer* DispenseContainer() override;
    HRESULT AddFragmentToCache(HTTP_DATA_CHUNK*, PCWSTR) override { return E_NOTIMPL; }
    HRESULT ReadFragmentFromCache(PCWSTR, BYTE*, DWORD, DWORD*) override { return E_NOTIMPL; }
    HRESULT RemoveFragmentFromCache(PCWSTR) override { return E_NOTIMPL; }
    HRESULT GetWorkerProcessSettings(IWpfSettings**) override { return E_NOTIMPL; }
    HRESULT GetProtocolManagerCustomInterface(PCWSTR, PCWSTR, DWORD, PVOID*) override { return E_NOTIMPL; }
    BOOL SatisfiesPrecondition(PCWSTR pszPrecondition, BOOL* pfUnknown) const override;
    IHttpTraceContext* GetTraceContext() const override { return nullptr; }
    HRESULT RegisterFileChangeMonitor(PCWSTR, HANDLE, IHttpFileMonitor**) override { return E_NOTIMPL; }
    HRESULT GetExtendedInterface(HTTP_SERVER_INTERFACE_VERSION version, PVOID* ppInterface) override;

    HRESULT GetToken(PCWSTR, PCWSTR, DWORD, IHttpTokenEntry**, PCWSTR, PSOCKADDR,
                     IHttpTraceContext*) override {
        return E_NOTIMPL;
    }
    PCWSTR GetAppPoolConfigFile(DWORD* pcchPath) const override;
    HRESULT GetExtendedInterface(const GUID& Version1, PVOID pInput, const GUID& Version2,
                                 PVOID* ppOutput) override;

    HRESULT LoadExtension(PCSTR pszFile, IOsmiaExtension** ppExtension, PSTR pszError,
                          DWORD cchError) override;
    HRESULT LoadLastGood(IOsmiaExtension* pFailed, IOsmiaExtension** ppExtension, PSTR pszError,
                         DWORD cchError) override;
    VOID ReportExtension(const OSMIA_EXTENSION_REPORT* pReport) override;
    HRESULT QueueWork(OSMIA_WORK_ROUTINE pfnRoutine, PVOID pvContext) override;
    VOID WriteLog(PCSTR pszLine) override;
    VOID ReportUnhealthyText(PCSTR pszReason) override;
    HRESULT FindSection(PCSTR pszPath, DWORD* pdwSection) override;

private:
    class Extension;
    HRESULT keep(Result<std::unique_ptr<SharedObject>> loaded, IOsmiaExtension** ppExtension, PSTR pszError,
                 DWORD cchError);

    HostServices& services_;
    ExtensionLoader loader_;
    std::u16string pool_;
    std::u16string configuration_file_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Extension>> extensions_;
};

}  // namespace osmia::worker
