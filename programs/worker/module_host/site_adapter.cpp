#include "worker/module_host/site_adapter.h"

namespace osmia::worker {

ContextContainer::~ContextContainer() {
    for (auto& [id, context] : contexts_) context->CleanupStoredContext();
}

IHttpStoredContext* ContextContainer::GetModuleContext(HTTP_MODULE_ID moduleId) {
    const std::lock_guard lock(mutex_);
    const auto found = contexts_.find(moduleId);
    return found == contexts_.end() ? nullptr : found->second;
}

HRESULT ContextContainer::SetModuleContext(IHttpStoredContext* pContext, HTTP_MODULE_ID moduleId) {
    constexpr DWORD AlreadyAssigned = 85;  // ERROR_ALREADY_ASSIGNED
    const std::lock_guard lock(mutex_);
    if (pContext == nullptr) return E_INVALIDARG;
    return contexts_.emplace(moduleId, pContext).second ? S_OK : HRESULT_FROM_WIN32(AlreadyAssigned);
}

ApplicationAdapter::ApplicationAdapter(const config::SiteConfiguration& site,
                                       const config::Application& application) {
    for (const auto& directory : application.virtual_directories) {
        if (directory.path == "/")
            folder_ = to_utf16(directory.physical_path.ends_with('/') ? directory.physical_path
                                                                      : directory.physical_path + "/");
    }
    const std::string below = application.path == "/" ? "" : application.path;
    id_ = to_utf16("/LM/W3SVC/" + std::to_string(site.id) + "/ROOT" + below);
    config_path_ = to_utf16("MACHINE/WEBROOT/APPHOST/" + site.name + below);
}

}  // namespace osmia::worker
