/// \file
/// The native modules of the worker: loaded once, at start, in the order of <globalModules>.
#pragma once

#include <osmia_host.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/effective_configuration.h"
#include "worker/module_host/shared_object.h"
#include "worker/pipeline/module_plan.h"

namespace osmia::worker {

/// One module and what it registered. IHttpModuleRegistrationInfo is its face during RegisterModule().
class NativeModule final : public IHttpModuleRegistrationInfo {
public:
    NativeModule(ModuleIndex index, std::string name);
    virtual ~NativeModule() = default;

    PCWSTR GetName() const override { return wide_name_.c_str(); }
    HTTP_MODULE_ID GetId() const override { return const_cast<NativeModule*>(this); }
    HRESULT SetRequestNotifications(IHttpModuleFactory* pFactory, DWORD dwEvents,
                                    DWORD dwPostEvents) override;
    HRESULT SetGlobalNotifications(CGlobalModule* pGlobalModule, DWORD dwGlobalNotifications) override;
    HRESULT SetPriorityForRequestNotification(DWORD dwRequestNotification, PCWSTR pszPriority) override;
    HRESULT SetPriorityForGlobalNotification(DWORD dwGlobalNotification, PCWSTR pszPriority) override;

    ModuleIndex index() const { return index_; }
    const std::string& name() const { return name_; }
    const Subscription& subscription() const { return subscription_; }
    IHttpModuleFactory* factory() const { return factory_; }
    CGlobalModule* global_module() const { return global_module_; }
    DWORD global_notifications() const { return global_notifications_; }

private:
    ModuleIndex index_;
    std::string name_;
    std::u16string wide_name_;
    Subscription subscription_;
    IHttpModuleFactory* factory_ = nullptr;
    CGlobalModule* global_module_ = nullptr;
    DWORD global_notifications_ = 0;
};

/// All modules. add() and load() are for the start; the rest is thread-safe.
class ModuleTable {
public:
    /// Maps \a image and lets it register. Errors name the module and the reason.
    Result<void> load(const std::string& name, const std::string& image, IHttpServer& server);
    /// Registers a module whose entry point is linked already.
    Result<void> add(const std::string& name, PFN_REGISTERMODULE entry, IHttpServer& server);

    NativeModule& at(ModuleIndex index) { return modules_[index]; }
    std::size_t size() const { return modules_.size(); }
    /// Names are case-sensitive, as in IIS. Null: no such module.
    const NativeModule* find(std::string_view name) const;

    /// The plan for a <modules> section; made once per section object.
    std::shared_ptr<const ModulePlan> plan(const std::shared_ptr<const config::ModulesSection>& section);

    /// GL_HEALTH_CHECK to the modules that asked for it.
    void health_check();
    /// Tells factories and global modules that the worker ends.
    void terminate();

private:
    std::shared_ptr<const ModulePlan> shared_plan(const std::shared_ptr<const config::ModulesSection>& section);
    struct Planned {
        std::weak_ptr<const config::ModulesSection> section;
        std::shared_ptr<const ModulePlan> plan;
    };

    std::deque<NativeModule> modules_;
    std::vector<std::unique_ptr<SharedObject>> images_;
    std::mutex mutex_;
    std::unordered_map<const config::ModulesSection*, Planned> plans_;
};

}  // namespace osmia::worker
