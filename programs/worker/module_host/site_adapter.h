/// \file
/// The small objects behind IHttpContext: site and application, and where modules keep state.
#pragma once

#include <osmia_host.h>

#include <map>
#include <mutex>
#include <string>

#include "config/server_configuration.h"
#include "worker/module_host/utf16.h"

namespace osmia::worker {

/// IHttpModuleContextContainer over a small map. The contexts are cleaned up with the container. Thread-safe.
class ContextContainer : public IHttpModuleContextContainer {
public:
    ContextContainer() = default;
    ContextContainer(const ContextContainer&) = delete;
    ContextContainer& operator=(const ContextContainer&) = delete;
    virtual ~ContextContainer();

    IHttpStoredContext* GetModuleContext(HTTP_MODULE_ID moduleId) override;
    HRESULT SetModuleContext(IHttpStoredContext* ppStoredContext, HTTP_MODULE_ID moduleId) override;

private:
    std::mutex mutex_;
    std::map<HTTP_MODULE_ID, IHttpStoredContext*> contexts_;
};

/// A container that a module owns (IHttpServer::DispenseContainer).
class DispensedContainer final : public IDispensedHttpModuleContextContainer {
public:
    IHttpStoredContext* GetModuleContext(HTTP_MODULE_ID moduleId) override {
        return inner_.GetModuleContext(moduleId);
    }
    HRESULT SetModuleContext(IHttpStoredContext* pContext, HTTP_MODULE_ID moduleId) override {
        return inner_.SetModuleContext(pContext, moduleId);
    }
    VOID ReleaseContainer() override { delete this; }
    virtual ~DispensedContainer() = default;

private:
    ContextContainer inner_;
};

/// IHttpSite. One per site of the worker.
class SiteAdapter final : public IHttpSite {
public:
    explicit SiteAdapter(const config::SiteConfiguration& site) : id_(site.id), name_(to_utf16(site.name)) {}
    virtual ~SiteAdapter() = default;
    DWORD GetSiteId() const override { return id_; }
    PCWSTR GetSiteName() const override { return name_.c_str(); }
    IHttpModuleContextContainer* GetModuleContextContainer() override { return &contexts_; }
    IHttpPerfCounterInfo* GetPerfCounterInfo() override { return nullptr; }

private:
    DWORD id_;
    std::u16string name_;
    ContextContainer contexts_;
};

/// IHttpApplication. One per application of the worker.
class ApplicationAdapter final : public IHttpApplication {
public:
    ApplicationAdapter(const config::SiteConfiguration& site, const config::Application& application);
    virtual ~ApplicationAdapter() = default;
    PCWSTR GetApplicationPhysicalPath() const override { return folder_.c_str(); }
    PCWSTR GetApplicationId() const override { return id_.c_str(); }
    PCWSTR GetAppConfigPath() const override { return config_path_.c_str(); }
    IHttpModuleContextContainer* GetModuleContextContainer() override { return &contexts_; }

private:
    std::u16string folder_, id_, config_path_;
    ContextContainer contexts_;
};

}  // namespace osmia::worker
