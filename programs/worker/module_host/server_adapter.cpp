#include "worker/module_host/server_adapter.h"

#include <algorithm>
#include <cstring>

#include "worker/module_host/site_adapter.h"
#include "worker/module_host/section_adapter.h"
#include "worker/module_host/utf16.h"

namespace osmia::worker {

namespace {

std::string narrow(PCWSTR text) {
    return text == nullptr ? std::string() : to_utf8(text);
}

void copy_text(const std::string& text, PSTR target, DWORD capacity) {
    if (target == nullptr || capacity == 0) return;
    const std::size_t size = std::min<std::size_t>(text.size(), capacity - 1);
    std::memcpy(target, text.data(), size);
    target[size] = '\0';
}

}  // namespace

class ServerAdapter::Extension final : public IOsmiaExtension {
public:
    explicit Extension(std::unique_ptr<SharedObject> object) : object_(std::move(object)) {}
    virtual ~Extension() = default;
    PVOID GetSymbol(PCSTR pszName) override { return object_->symbol(pszName); }
    PCSTR GetPath() const override { return object_->path().c_str(); }
    PCSTR GetHash() const override { return object_->hash().c_str(); }
    PVOID GetBase() const override { return const_cast<void*>(object_->base()); }
    SIZE_T GetSize() const override { return object_->size(); }

private:
    std::unique_ptr<SharedObject> object_;
};

ServerAdapter::ServerAdapter(HostServices& services)
    : services_(services),
      loader_(services.facts().extension_store,
              [this](const std::string& file) { services_.extension_changed(file); }),
      pool_(to_utf16(services.facts().pool)),
      configuration_file_(to_utf16(services.facts().pool_configuration_file)) {}

ServerAdapter::~ServerAdapter() = default;

VOID ServerAdapter::ReportUnhealthy(PCWSTR pszReason, HRESULT) {
    services_.request_recycle(narrow(pszReason), true);
}

VOID ServerAdapter::RecycleProcess(PCWSTR pszReason) {
    services_.request_recycle(narrow(pszReason), false);
}

IDispensedHttpModuleContextContainer* ServerAdapter::DispenseContainer() {
    return new DispensedContainer;
}

BOOL ServerAdapter::SatisfiesPrecondition(PCWSTR pszPrecondition, BOOL* pfUnknown) const {
    if (pfUnknown != nullptr) *pfUnknown = FALSE;
    const std::string list = narrow(pszPrecondition);
    std::string_view rest = list;
    while (!rest.empty()) {
        const auto end = rest.find(',');
        const std::string_view token = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const bool classic = services_.facts().classic_pipeline;
        if (token == "bitness64" || token == (classic ? "classicMode" : "integratedMode")) continue;
        const bool known = token == "bitness32" || token == "classicMode" || token == "integratedMode" ||
                           token == "managedHandler";
        if (!known && pfUnknown != nullptr) *pfUnknown = TRUE;
        return FALSE;
    }
    return TRUE;
}

HRESULT ServerAdapter::GetExtendedInterface(HTTP_SERVER_INTERFACE_VERSION version, PVOID* ppInterface) {
    if (ppInterface == nullptr) return E_POINTER;
    *ppInterface = nullptr;
    if (version == HTTP_SERVER_INTERFACE_V2) *ppInterface = static_cast<IHttpServer2*>(this);
    if (version == OSMIA_HOST_INTERFACE) *ppInterface = static_cast<IOsmiaHost*>(this);
    return *ppInterface == nullptr ? E_NOINTERFACE : S_OK;
}

PCWSTR ServerAdapter::GetAppPoolConfigFile(DWORD* pcchPath) const {
    if (pcchPath != nullptr) *pcchPath = static_cast<DWORD>(configuration_file_.size());
    return configuration_file_.c_str();
}

HRESULT ServerAdapter::GetExtendedInterface(const GUID& Version1, PVOID pInput, const GUID& Version2,
                                            PVOID* ppOutput) {
    if (ppOutput == nullptr) return E_POINTER;
    const auto is = [](const GUID& a, const GUID& b) { return std::memcmp(&a, &b, sizeof a) == 0; };
    *ppOutput = nullptr;
    if (is(Version1, __uuidof(IHttpRequest)) && is(Version2, __uuidof(IHttpRequest2))) {
        *ppOutput = static_cast<IHttpRequest2*>(static_cast<IHttpRequest*>(pInput));
    }
    return *ppOutput == nullptr ? E_NOINTERFACE : S_OK;
}

HRESULT ServerAdapter::LoadExtension(PCSTR pszFile, IOsmiaExtension** ppExtension, PSTR pszError,
                                     DWORD cchError) {
    if (pszFile == nullptr || ppExtension == nullptr) return E_INVALIDARG;
    *ppExtension = nullptr;
    return keep(loader_.load(pszFile), ppExtension, pszError, cchError);
}

HRESULT ServerAdapter::LoadLastGood(IOsmiaExtension* pFailed, IOsmiaExtension** ppExtension, PSTR pszError,
                                    DWORD cchError) {
    if (pFailed == nullptr || ppExtension == nullptr) return E_INVALIDARG;
    *ppExtension = nullptr;
    return keep(loader_.load_last_good(pFailed->GetPath(), pFailed->GetHash()), ppExtension, pszError, cchError);
}

HRESULT ServerAdapter::keep(Result<std::unique_ptr<SharedObject>> loaded, IOsmiaExtension** ppExtension,
                            PSTR pszError, DWORD cchError) {
    if (!loaded.ok()) {
        copy_text(loaded.error().message, pszError, cchError);
        return HRESULT_FROM_WIN32(loaded.error().kind == ErrorKind::NotFound ? ERROR_MOD_NOT_FOUND
                                                                             : ERROR_INVALID_DATA);
    }
    const std::lock_guard lock(mutex_);
    *ppExtension = extensions_.emplace_back(std::make_unique<Extension>(std::move(loaded).value())).get();
    return S_OK;
}

VOID ServerAdapter::ReportExtension(const OSMIA_EXTENSION_REPORT* pReport) {
    if (pReport != nullptr) services_.report_extension(*pReport);
}

HRESULT ServerAdapter::QueueWork(OSMIA_WORK_ROUTINE pfnRoutine, PVOID pvContext) {
    if (pfnRoutine == nullptr) return E_INVALIDARG;
    services_.post([pfnRoutine, pvContext] { pfnRoutine(pvContext); });
    return S_OK;
}

VOID ServerAdapter::ReportUnhealthyText(PCSTR pszReason) {
    services_.request_recycle(pszReason == nullptr ? "" : pszReason, true);
}

HRESULT ServerAdapter::FindSection(PCSTR pszPath, DWORD* pdwSection) {
    if (pszPath == nullptr || pdwSection == nullptr) return E_INVALIDARG;
    *pdwSection = find_section(pszPath);
    return *pdwSection == NoSection ? HRESULT_FROM_WIN32(ERROR_NOT_FOUND) : S_OK;
}

VOID ServerAdapter::WriteLog(PCSTR pszLine) {
    if (pszLine != nullptr) services_.log(pszLine);
}

}  // namespace osmia::worker
