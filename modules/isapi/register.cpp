// Registration of IsapiModule.
#include <new>

#include "isapi/isapi_module.h"

namespace isapi {

namespace {

class Factory final : public IHttpModuleFactory {
public:
    explicit Factory(IOsmiaHost& host) : host_(host), extensions_(host) {}
    virtual ~Factory() = default;

    HRESULT GetHttpModule(CHttpModule** ppModule, IModuleAllocator* pAllocator) override {
        void* memory = pAllocator->AllocateMemory(sizeof(IsapiModule));
        if (memory == nullptr) return E_OUTOFMEMORY;
        *ppModule = new (memory) IsapiModule(host_, extensions_);
        return S_OK;
    }
    // No request is left, so nobody holds anything of ours; the extensions themselves stay mapped.
    VOID Terminate() override {
        extensions_.terminate();
        delete this;
    }
    void report_counts() { extensions_.report_counts(); }

private:
    IOsmiaHost& host_;
    ExtensionTable extensions_;
};

/// GL_HEALTH_CHECK comes about once a second: the time to tell how often extensions were called.
class Health final : public CGlobalModule {
public:
    explicit Health(Factory& factory) : factory_(factory) {}
    virtual ~Health() = default;
    GLOBAL_NOTIFICATION_STATUS OnGlobalHealthCheck() override {
        factory_.report_counts();
        return GL_NOTIFICATION_CONTINUE;
    }
    VOID Terminate() override { delete this; }

private:
    Factory& factory_;
};

}  // namespace

}  // namespace isapi

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pGlobalInfo) {
    PVOID host = nullptr;
    const HRESULT result = pGlobalInfo->GetExtendedInterface(OSMIA_HOST_INTERFACE, &host);
    if (FAILED(result)) return result;
    auto* factory = new (std::nothrow) isapi::Factory(*static_cast<IOsmiaHost*>(host));
    if (factory == nullptr) return E_OUTOFMEMORY;
    auto* health = new (std::nothrow) isapi::Health(*factory);
    if (health == nullptr || FAILED(pModuleInfo->SetGlobalNotifications(health, GL_HEALTH_CHECK)))
        return E_OUTOFMEMORY;
    return pModuleInfo->SetRequestNotifications(factory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
