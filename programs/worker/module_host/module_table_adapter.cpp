#include <array>
#include <bit>
#include <exception>
#include <optional>

#include "worker/module_host/module_table.h"
#include "worker/module_host/utf16.h"

namespace osmia::worker {

namespace {

/// IIS 7.5, in the form of RegisterModule's first argument.
constexpr DWORD ServerVersion = 0x00070005;
/// Plans kept for sections that no request uses any more.
constexpr std::size_t MaxIdlePlans = 64;

std::optional<Priority> parse_priority(PCWSTR alias) {
    constexpr std::array<std::pair<std::u16string_view, Priority>, 5> names = {{{u"FIRST", Priority::First},
                                                                                {u"HIGH", Priority::High},
                                                                                {u"MEDIUM", Priority::Medium},
                                                                                {u"LOW", Priority::Low},
                                                                                {u"LAST", Priority::Last}}};
    if (alias == nullptr) return std::nullopt;
    for (const auto& [name, priority] : names) {
        if (name == alias) return priority;
    }
    return std::nullopt;
}

}  // namespace

NativeModule::NativeModule(ModuleIndex index, std::string name)
    : index_(index), name_(std::move(name)), wide_name_(to_utf16(name_)) {}

HRESULT NativeModule::SetRequestNotifications(IHttpModuleFactory* pFactory, DWORD dwEvents,
                                              DWORD dwPostEvents) {
    if (pFactory == nullptr) return E_INVALIDARG;
    factory_ = pFactory;
    subscription_.events = dwEvents;
    subscription_.post_events = dwPostEvents;
    return S_OK;
}

HRESULT NativeModule::SetGlobalNotifications(CGlobalModule* pGlobalModule, DWORD dwGlobalNotifications) {
    if (pGlobalModule == nullptr) return E_INVALIDARG;
    global_module_ = pGlobalModule;
    global_notifications_ = dwGlobalNotifications;
    return S_OK;
}

HRESULT NativeModule::SetPriorityForRequestNotification(DWORD dwRequestNotification, PCWSTR pszPriority) {
    const auto priority = parse_priority(pszPriority);
    if (!priority) return E_INVALIDARG;
    for (std::size_t i = 0; i < EventCount; ++i) {
        if ((dwRequestNotification & event_bit(static_cast<Event>(i))) != 0)
            subscription_.priority[i] = *priority;
    }
    for (std::size_t i = 0; i < LooseEventCount; ++i) {
        if ((dwRequestNotification & event_bit(static_cast<LooseEvent>(i))) != 0)
            subscription_.loose_priority[i] = *priority;
    }
    return S_OK;
}

HRESULT NativeModule::SetPriorityForGlobalNotification(DWORD, PCWSTR pszPriority) {
    return parse_priority(pszPriority) ? S_OK : E_INVALIDARG;
}

Result<void> ModuleTable::add(const std::string& name, PFN_REGISTERMODULE entry, IHttpServer& server) {
    NativeModule& module = modules_.emplace_back(static_cast<ModuleIndex>(modules_.size()), name);
    HRESULT result = E_UNEXPECTED;
    try {
        result = entry(ServerVersion, &module, &server);
    } catch (const std::exception& exception) {
        modules_.pop_back();
        return make_error(ErrorKind::Invalid, "module {}: RegisterModule threw an exception: {}", name,
                          exception.what());
    } catch (...) {
        modules_.pop_back();
        return make_error(ErrorKind::Invalid, "module {}: RegisterModule threw an exception", name);
    }
    if (SUCCEEDED(result)) return {};
    modules_.pop_back();
    return make_error(ErrorKind::Invalid, "module {}: RegisterModule failed with 0x{:08x}", name,
                      static_cast<std::uint32_t>(result));
}

Result<void> ModuleTable::load(const std::string& name, const std::string& image, IHttpServer& server) {
    auto loaded = SharedObject::load(image);
    if (!loaded.ok()) return make_error(loaded.error().kind, "module {}: {}", name, loaded.error().message);
    auto* entry = reinterpret_cast<PFN_REGISTERMODULE>(loaded.value()->symbol(MODULE_REGISTERMODULE));
    if (entry == nullptr)
        return make_error(ErrorKind::Invalid, "module {}: {} does not export RegisterModule", name, image);
    images_.push_back(std::move(loaded).value());
    return add(name, entry, server);
}

const NativeModule* ModuleTable::find(std::string_view name) const {
    for (const NativeModule& module : modules_) {
        if (module.name() == name) return &module;
    }
    return nullptr;
}

std::shared_ptr<const ModulePlan> ModuleTable::plan(
    const std::shared_ptr<const config::ModulesSection>& section) {
    // Nearly every request of a thread has the section of the one before. Keeping the section keeps its address.
    struct Last {
        const ModuleTable* table = nullptr;
        std::shared_ptr<const config::ModulesSection> section;
        std::shared_ptr<const ModulePlan> plan;
    };
    thread_local Last last;
    if (last.table != this || last.section != section) last = {this, section, shared_plan(section)};
    return last.plan;
}

std::shared_ptr<const ModulePlan> ModuleTable::shared_plan(
    const std::shared_ptr<const config::ModulesSection>& section) {
    const std::lock_guard lock(mutex_);
    const auto found = plans_.find(section.get());
    if (found != plans_.end() && !found->second.section.expired()) return found->second.plan;
    std::vector<ModulePlan::Entry> entries;
    for (const auto& wanted : section->modules) {
        if (const NativeModule* module = find(wanted.name))
            entries.push_back({module->index(), &module->subscription()});
    }
    auto plan = std::make_shared<const ModulePlan>(entries);
    if (plans_.size() > MaxIdlePlans)
        std::erase_if(plans_, [](const auto& item) { return item.second.section.expired(); });
    plans_.insert_or_assign(section.get(), Planned{section, plan});
    return plan;
}

void ModuleTable::health_check() {
    for (NativeModule& module : modules_) {
        if ((module.global_notifications() & GL_HEALTH_CHECK) == 0) continue;
        try {
            if (module.global_module()->OnGlobalHealthCheck() == GL_NOTIFICATION_HANDLED) return;
        } catch (...) {
            // Health is told by pings; a module's own check must not end the worker.
        }
    }
}

void ModuleTable::terminate() {
    for (NativeModule& module : modules_) {
        try {
            if (module.factory() != nullptr) module.factory()->Terminate();
            if (module.global_module() != nullptr) module.global_module()->Terminate();
        } catch (...) {
            // The process ends; there is nothing left that this module could spoil.
        }
    }
}

}  // namespace osmia::worker
