#include <cstring>

#include "worker/module_host/request_context.h"
#include "worker/pipeline/server_variables.h"

namespace osmia::worker {

RequestContext::RequestContext(RequestServices& services, std::unique_ptr<RequestSession> session,
                               std::function<void()> done)
    : services_(services),
      session_(std::move(session)),
      done_(std::move(done)),
      exchange_(*session_, services.sites(), services.facts()),
      raw_(exchange_),
      request_(exchange_,
               [this](DWORD bytes, HRESULT result) {
                   run_->post_completion({bytes, result});
               }),
      response_(exchange_),
      connection_(services_.connections(), exchange_.session()),
      memory_(first_memory_, sizeof first_memory_),
      event_provider_(exchange_, user_),
      map_provider_(exchange_),
      send_provider_(exchange_) {}

RequestContext::RequestContext(RequestContext& parent, DWORD)
    : services_(parent.services_),
      parent_(&parent),
      depth_(parent.depth_ + 1),
      exchange_(parent.exchange_),
      raw_(exchange_),
      request_(exchange_,
               [this](DWORD bytes, HRESULT result) {
                   run_->post_completion({bytes, result});
               }),
      response_(exchange_),
      connection_(services_.connections(), exchange_.session()),
      user_(parent.user_),
      memory_(first_memory_, sizeof first_memory_),
      event_provider_(exchange_, user_),
      map_provider_(exchange_),
      send_provider_(exchange_) {}

RequestContext::~RequestContext() {
    for (CHttpModule* module : instances_) {
        if (module != nullptr) module->Dispose();
    }
}

IHttpSite* RequestContext::GetSite() {
    const auto* site = exchange_.target().site;
    return site == nullptr ? nullptr : &services_.site(*site);
}

IHttpApplication* RequestContext::GetApplication() {
    const auto& target = exchange_.target();
    if (target.site == nullptr || target.place.application == nullptr) return nullptr;
    return &services_.application(*target.site, *target.place.application);
}

VOID RequestContext::IndicateCompletion(REQUEST_NOTIFICATION_STATUS status) {
    if (in_send_response_) return send_resumed_.release();
    run_->indicate(status == RQ_NOTIFICATION_FINISH_REQUEST ? Step::Finish : Step::Continue);
}

HRESULT RequestContext::PostCompletion(DWORD cbBytes) {
    if (in_send_response_) {
        send_resumed_.release();
    } else {
        run_->post_completion({cbBytes, S_OK});
    }
    return S_OK;
}

VOID RequestContext::DisableNotifications(DWORD dwNotifications, DWORD dwPostNotifications) {
    disabled_ |= dwNotifications;
    run_->disable(dwNotifications, dwPostNotifications);
}

// Merging notifications saves calls and changes nothing else, so the answer that nothing can be merged is
// always right.
BOOL RequestContext::GetNextNotification(REQUEST_NOTIFICATION_STATUS, DWORD* pdwNotification, BOOL* pfIsPost,
                                         CHttpModule** ppModule, IHttpEventProvider** ppProvider) {
    if (pdwNotification != nullptr) *pdwNotification = 0;
    if (pfIsPost != nullptr) *pfIsPost = FALSE;
    if (ppModule != nullptr) *ppModule = nullptr;
    if (ppProvider != nullptr) *ppProvider = nullptr;
    return FALSE;
}

BOOL RequestContext::GetIsLastNotification(REQUEST_NOTIFICATION_STATUS) {
    return run_->is_last_stage();
}

// What a child's flags mean, and whether it may run at all.
HRESULT RequestContext::prepare_child(RequestContext* child, DWORD flags, IHttpUser* user) {
    if (child == nullptr || child->parent_ != this || child->run_) return E_INVALIDARG;
    if (child->depth_ > MaxChildDepth) return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    const auto target = services_.sites().find(exchange_.head().site_id, child->exchange_.request().path());
    const auto* application = target->site == nullptr ? nullptr : target->place.application;
    const bool other_pool = application != nullptr && !config::equals_ignoring_case(application->application_pool, services_.facts().pool);
    if (other_pool && (flags & EXECUTE_FLAG_IGNORE_APPPOOL) == 0) return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    child->execute_flags_ = flags;
    // A handler for one kind of file is no interceptor: a child cannot come back to it but by its own URL.
    const config::Handler* current = exchange_.handler();
    if ((flags & EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR) != 0 && current != nullptr && current->path == "*")
        child->exchange_.skip_handlers(current->name);
    if ((flags & EXECUTE_FLAG_NO_HEADERS) != 0) child->exchange_.drop_head(exchange_);
    child->exchange_.begin_child();
    if (user != nullptr) {
        user->ReferenceUser();
        child->event_provider_.SetUser(user);
    }
    return S_OK;
}

HRESULT RequestContext::ExecuteChild(IHttpContext* pChild, DWORD dwExecuteFlags, IHttpUser* pUser,
                                     OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) {
    auto* child = dynamic_cast<RequestContext*>(pChild);
    if (pfnRoutine == nullptr) return E_INVALIDARG;
    const HRESULT prepared = prepare_child(child, dwExecuteFlags, pUser);
    if (FAILED(prepared)) return prepared;
    child->child_state_ = ChildState::Awaited;
    // By way of the pool: the routine may release the child, which is still on the stack of whoever ends it.
    child->when_child_done_ = [this, pfnRoutine, pvContext] {
        services_.post([pfnRoutine, pvContext] { pfnRoutine(pvContext, 0, S_OK); });
    };
    services_.post([child] { child->start(); });
    return S_OK;
}

HRESULT RequestContext::ExecuteRequest(BOOL fAsync, IHttpContext* pChild, DWORD dwExecuteFlags,
                                       IHttpUser* pUser, BOOL* pfExpected) {
    if (pfExpected != nullptr) *pfExpected = FALSE;
    auto* child = dynamic_cast<RequestContext*>(pChild);
    const HRESULT prepared = prepare_child(child, dwExecuteFlags, pUser);
    if (FAILED(prepared)) return prepared;
    const bool async = fAsync != FALSE && pfExpected != nullptr;
    const auto finished = std::make_shared<std::binary_semaphore>(0);
    child->when_child_done_ = [this, async, finished] {
        async ? run_->post_completion({0, S_OK}) : finished->release();
    };
    child->start();
    auto expected = ChildState::Running;
    if (!child->child_state_.compare_exchange_strong(expected, ChildState::Awaited)) return S_OK;
    if (async) {
        *pfExpected = TRUE;
    } else {
        finished->acquire();
    }
    return S_OK;
}

HRESULT RequestContext::CloneContext(DWORD dwCloneFlags, IHttpContext** ppContext) {
    if (ppContext == nullptr) return E_INVALIDARG;
    *ppContext = new RequestContext(*this, dwCloneFlags);
    return S_OK;
}

HRESULT RequestContext::ReleaseClonedContext() {
    if (parent_ == nullptr) return E_INVALIDARG;
    delete this;
    return S_OK;
}

IHttpContext* RequestContext::GetRootContext() const {
    const RequestContext* root = this;
    while (root->parent_ != nullptr) root = root->parent_;
    return const_cast<RequestContext*>(root);
}

VOID* RequestContext::AllocateRequestMemory(DWORD cbAllocation) {
    // The response may refer to a child's memory after the child has been released.
    if (parent_ != nullptr) return parent_->AllocateRequestMemory(cbAllocation);
    const std::lock_guard lock(memory_mutex_);
    return memory_.allocate(cbAllocation == 0 ? 1 : cbAllocation);
}

PCSTR RequestContext::keep(std::string text, DWORD* length) {
    if (length != nullptr) *length = static_cast<DWORD>(text.size());
    auto* memory = static_cast<char*>(AllocateRequestMemory(static_cast<DWORD>(text.size() + 1)));
    std::memcpy(memory, text.c_str(), text.size() + 1);
    return memory;
}

PCWSTR RequestContext::keep_wide(std::string_view text, DWORD* length) const {
    const std::u16string& kept = wide_.emplace_back(to_utf16(text));
    if (length != nullptr) *length = static_cast<DWORD>(kept.size());
    return kept.c_str();
}

HRESULT RequestContext::GetServerVariable(PCSTR pszName, PCSTR* ppszValue, DWORD* pcchValue) {
    if (pszName == nullptr || ppszValue == nullptr) return E_INVALIDARG;
    if (const auto set = variables_.find(std::string_view(pszName)); set != variables_.end()) {
        *ppszValue = keep(to_utf8(set->second), pcchValue);
        return S_OK;
    }
    auto value = server_variable(exchange_, pszName);
    if (!value) return HRESULT_FROM_WIN32(ERROR_INVALID_INDEX);
    *ppszValue = keep(std::move(*value), pcchValue);
    return S_OK;
}

HRESULT RequestContext::GetServerVariable(PCSTR pszName, PCWSTR* ppszValue, DWORD* pcchValue) {
    PCSTR narrow = nullptr;
    DWORD length = 0;
    const HRESULT result = GetServerVariable(pszName, &narrow, &length);
    if (FAILED(result)) return result;
    *ppszValue = keep_wide({narrow, length}, pcchValue);
    return S_OK;
}

HRESULT RequestContext::SetServerVariable(PCSTR pszName, PCWSTR pszValue) {
    if (pszName == nullptr) return E_INVALIDARG;
    if (pszValue == nullptr) {
        variables_.erase(pszName);
    } else {
        variables_.insert_or_assign(pszName, pszValue);
    }
    return S_OK;
}

PCWSTR RequestContext::GetPhysicalPath(DWORD* pcchPath) {
    return keep_wide(exchange_.physical_path(), pcchPath);
}

PCWSTR RequestContext::GetScriptName(DWORD* pcchName) const {
    return keep_wide(exchange_.script_name(), pcchName);
}

IScriptMapInfo* RequestContext::GetScriptMap() const {
    if (!script_map_ && exchange_.mapping().handler != nullptr)
        script_map_.emplace(*exchange_.mapping().handler);
    return script_map_ ? &*script_map_ : nullptr;
}

HRESULT RequestContext::MapPath(PCWSTR pszUrl, PWSTR pszPhysicalPath, DWORD* pcbPhysicalPath) {
    if (pszUrl == nullptr || pcbPhysicalPath == nullptr) return E_INVALIDARG;
    const std::u16string path = to_utf16(exchange_.map_path(to_utf8(pszUrl)));
    const auto needed = static_cast<DWORD>((path.size() + 1) * sizeof(WCHAR));
    const bool fits = pszPhysicalPath != nullptr && *pcbPhysicalPath >= needed;
    *pcbPhysicalPath = needed;
    if (!fits) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    std::memcpy(pszPhysicalPath, path.c_str(), needed);
    return S_OK;
}

HRESULT RequestContext::NotifyCustomNotification(ICustomNotificationProvider* pOutput,
                                                 BOOL* pfCompletionExpected) {
    if (pOutput == nullptr) return E_INVALIDARG;
    if (pfCompletionExpected != nullptr) *pfCompletionExpected = FALSE;
    for (const ModuleIndex index : plan_->at(LooseEvent::Custom)) {
        const Step step = guard(
            index, [&](CHttpModule& module) { return module.OnCustomRequestNotification(this, pOutput); });
        if (step == Step::Finish) break;
    }
    return S_OK;
}

HRESULT RequestContext::GetExtendedInterface(HTTP_CONTEXT_INTERFACE_VERSION version, PVOID* ppInterface) {
    if (ppInterface == nullptr) return E_POINTER;
    *ppInterface = nullptr;
    if (version != OSMIA_CONTEXT_INTERFACE) return E_NOINTERFACE;
    *ppInterface = static_cast<IOsmiaContext*>(this);
    return S_OK;
}

}  // namespace osmia::worker
