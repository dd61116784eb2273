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
    // The factory itself stays: extensions may have threads that still hold its objects.
    VOID Terminate() override { extensions_.terminate(); }

private:
    IOsmiaHost& host_;
    ExtensionTable extensions_;
};

}  // namespace

}  // namespace isapi

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pGlobalInfo) {
    PVOID host = nullptr;
    const HRESULT result = pGlobalInfo->GetExtendedInterface(OSMIA_HOST_INTERFACE, &host);
    if (FAILED(result)) return result;
    auto* factory = new (std::nothrow) isapi::Factory(*static_cast<IOsmiaHost*>(host));
    if (factory == nullptr) return E_OUTOFMEMORY;
    return pModuleInfo->SetRequestNotifications(factory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
