/// \file
/// RequestContext: one request in the pipeline, as modules see it (IHttpContext, IOsmiaContext) and as the
/// state machine drives it (PipelineClient).
#pragma once

#include <osmia_host.h>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "worker/module_host/connection_adapter.h"
#include "worker/module_host/handler_adapter.h"
#include "worker/module_host/module_table.h"
#include "worker/module_host/provider_adapter.h"
#include "worker/module_host/request_adapter.h"
#include "worker/module_host/response_adapter.h"
#include "worker/module_host/site_adapter.h"
#include "worker/pipeline/exchange.h"
#include "worker/pipeline/file_cache.h"
#include "worker/pipeline/pipeline_run.h"
#include "worker/pipeline/raw_response.h"

namespace osmia::worker {

/// What requests need of the worker. Thread-safe; outlives every request.
class RequestServices {
public:
    virtual ~RequestServices() = default;
    /// Runs \a work soon on a thread of the pool.
    virtual void post(std::function<void()> work) = 0;
    /// One line for the operator.
    virtual void log(const std::string& line) = 0;
    virtual SiteAdapter& site(const config::SiteConfiguration& site) = 0;
    virtual ApplicationAdapter& application(const config::SiteConfiguration& site,
                                            const config::Application& application) = 0;
    virtual ModuleTable& modules() = 0;
    virtual SiteMap& sites() = 0;
    virtual ConnectionTable& connections() = 0;
    virtual FileCache& files() = 0;
    virtual const WorkerFacts& facts() = 0;
};

/// A request's memory begins with so much inside its context; more is taken as needed.
inline constexpr std::size_t FirstMemoryBytes = 4096;
/// A child request may have children, so deep and no deeper; one more is answered with 500.
inline constexpr int MaxChildDepth = 20;

class RequestContext final : public IHttpContext,
                             public IOsmiaContext,
                             public Recycled<RequestContext>,
                             private PipelineClient,
                             private IModuleAllocator {
public:
    /// Runs the request on this thread. \a done is called once, on whatever thread finishes it, after which
    /// the context and the session are gone.
    static void run(RequestServices& services, std::unique_ptr<RequestSession> session,
                    std::function<void()> done);
    virtual ~RequestContext();

    // IHttpContext
    IHttpSite* GetSite() override;
    IHttpApplication* GetApplication() override;
    IHttpConnection* GetConnection() override { return &connection_; }
    IHttpRequest* GetRequest() override { return &request_; }
    IHttpResponse* GetResponse() override { return &response_; }
    BOOL GetResponseHeadersSent() const override { return exchange_.response().head_sent; }
    IHttpUser* GetUser() const override { return user_; }
    IHttpModuleContextContainer* GetModuleContextContainer() override { return &contexts_; }
    VOID IndicateCompletion(REQUEST_NOTIFICATION_STATUS status) override;
    HRESULT PostCompletion(DWORD cbBytes) override;
    VOID DisableNotifications(DWORD dwNotifications, DWORD dwPostNotifications) override;
    BOOL GetNextNotification(REQUEST_NOTIFICATION_STATUS status, DWORD* pdwNotification, BOOL* pfIsPost,
                             CHttpModule** ppModule, IHttpEventProvider** ppProvider) override;
    BOOL GetIsLastNotification(REQUEST_NOTIFICATION_STATUS status) override;
    HRESULT ExecuteRequest(BOOL fAsync, IHttpContext* pChild, DWORD dwExecuteFlags, IHttpUser* pUser,
                           BOOL* pfExpected) override;
    DWORD GetExecuteFlags() const override { return execute_flags_; }
    HRESULT GetServerVariable(PCSTR pszName, PCWSTR* ppszValue, DWORD* pcchValue) override;
    HRESULT GetServerVariable(PCSTR pszName, PCSTR* ppszValue, DWORD* pcchValue) override;
    HRESULT SetServerVariable(PCSTR pszName, PCWSTR pszValue) override;
    VOID* AllocateRequestMemory(DWORD cbAllocation) override;
    IHttpUrlInfo* GetUrlInfo() override { return nullptr; }
    IMetadataInfo* GetMetadata() override { return nullptr; }
    PCWSTR GetPhysicalPath(DWORD* pcchPath) override;
    PCWSTR GetScriptName(DWORD* pcchName) const override;
    PCWSTR GetScriptTranslated(DWORD* pcchPath) override { return GetPhysicalPath(pcchPath); }
    IScriptMapInfo* GetScriptMap() const override;
    VOID SetRequestHandled() override { exchange_.handled = true; }
    IHttpFileInfo* GetFileInfo() const override { return nullptr; }
    HRESULT MapPath(PCWSTR pszUrl, PWSTR pszPhysicalPath, DWORD* pcbPhysicalPath) override;
    HRESULT NotifyCustomNotification(ICustomNotificationProvider* pOutput,
                                     BOOL* pfCompletionExpected) override;
    IHttpContext* GetParentContext() const override { return parent_; }
    IHttpContext* GetRootContext() const override;
    HRESULT CloneContext(DWORD dwCloneFlags, IHttpContext** ppContext) override;
    HRESULT ReleaseClonedContext() override;
    HRESULT GetCurrentExecutionStats(DWORD*, DWORD*, PCWSTR*, DWORD*, DWORD*, DWORD*) const override {
        return E_NOTIMPL;
    }
    IHttpTraceContext* GetTraceContext() const override { return nullptr; }
    HRESULT GetServerVarChanges(DWORD, DWORD*, DWORD*, PCSTR**, PCWSTR**, DWORD*, DWORD**) override {
        return E_NOTIMPL;
    }
    HRESULT CancelIo() override { return E_NOTIMPL; }
    HRESULT MapHandler(DWORD, PCWSTR, PCWSTR, PCSTR, IScriptMapInfo**, BOOL) override { return E_NOTIMPL; }
    HRESULT GetExtendedInterface(HTTP_CONTEXT_INTERFACE_VERSION version, PVOID* ppInterface) override;

    // IOsmiaContext: osmia_context_adapter.cpp
    PCSTR GetText(OSMIA_TEXT text, DWORD* pcchText) override;
    DWORD GetAccessPolicy() override;
    IOsmiaSection* GetSection(DWORD dwSection) override;
    DWORD GetSectionUrlLength(DWORD dwSection) override;
    BOOL IsLocalClient() override { return exchange_.is_local_client(); }
    BOOL IsConnected() override { return !exchange_.session().client_is_gone(); }
    BOOL IsKeepAlive() override;
    BOOL IsExtensionAllowed(PCSTR pszFile) override;
    BOOL IsCgiAllowed(PCSTR pszCommand) override;
    HRESULT MapUrl(PCSTR pszUrl, OSMIA_URL_MAPPING* pMapping) override;
    VOID AppendLog(PCSTR pszText, DWORD cchText) override;
    HRESULT GetFileFacts(OSMIA_FILE_FACTS* pFacts) override;
    HRESULT GetUrlFacts(PCSTR pszUrl, OSMIA_FILE_FACTS* pFacts) override;
    VOID GetStaticSettings(OSMIA_STATIC_SETTINGS* pSettings) override;
    PCSTR GetDefaultDocument(DWORD dwIndex) override;
    BOOL IsFile(PCSTR pszUrl) override;
    HRESULT WriteFileRange(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) override;
    HRESULT WriteBody(const VOID* pvData, DWORD cbData) override;
    DWORD GetBodyPieceCount() override { return static_cast<DWORD>(exchange_.response().chunks.size()); }
    HRESULT GetBodyPiece(DWORD dwIndex, OSMIA_BODY_PIECE* pPiece) override;
    VOID ClearBody() override { exchange_.response().chunks.clear(); }
    ULONGLONG GetContentLength() override;
    VOID LimitBody(ULONGLONG cbLimit, USHORT usStatus, USHORT usSubStatus) override {
        exchange_.limit_body(cbLimit, usStatus, usSubStatus);
    }
    DWORD GetReadAheadSize() override;
    DWORD GetAvailableBytes() override;
    HRESULT ReadBody(PVOID pvBuffer, DWORD cbBuffer, DWORD* pcbRead) override;
    HRESULT ReadBodyAsync(PVOID pvBuffer, DWORD cbBuffer, OSMIA_IO_ROUTINE pfnRoutine,
                          PVOID pvContext) override;
    HRESULT RawSendHead(PCSTR pszStatus, PCSTR pszHeaders, DWORD cchHeaders, BOOL fKeepConnection) override;
    HRESULT RawWrite(const VOID* pvData, DWORD cbData) override;
    HRESULT RawWriteFile(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) override;
    HRESULT RawFlush() override;
    VOID RawSetBuffering(BOOL fBuffered) override;
    BOOL RawIsHeadSet() override { return raw_.is_head_set(); }
    HRESULT RawEnd() override;
    VOID CloseConnection(BOOL fAtOnce) override;
    HRESULT RawFinish() override;
    VOID RawExpect(ULONGLONG cbBody) override { raw_.expect(cbBody); }
    VOID RawSetCustomErrors(BOOL fAllowed) override;
    VOID CloseAbortively() override;
    BOOL CancelRead() override { return exchange_.session().cancel_read(); }
    VOID SetEntity(const VOID* pvData, DWORD cbData) override;
    HRESULT ExecuteChild(IHttpContext* pChild, DWORD dwExecuteFlags, IHttpUser* pUser,
                         OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) override;
    HRESULT NotifyWhenSent(OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) override;

private:
    RequestContext(RequestServices& services, std::unique_ptr<RequestSession> session,
                   std::function<void()> done);
    RequestContext(RequestContext& parent, DWORD dwCloneFlags);

    void start();
    HRESULT prepare_child(RequestContext* child, DWORD flags, IHttpUser* user);

    // PipelineClient and what belongs to it: pipeline_adapter.cpp
    Step call(ModuleIndex module, Stage stage) override;
    Step complete(ModuleIndex module, Stage stage, const Completion& completion) override;
    Step check_user() override;
    Step map_handler() override;
    std::span<const ModuleIndex> handlers() override { return handlers_; }
    bool is_handled() const override { return exchange_.handled; }
    void not_handled() override;
    void post(std::function<void()> work) override { services_.post(std::move(work)); }
    void finished() override;
    CHttpModule* instance(ModuleIndex index);
    void send_response_event(bool head, bool more);
    REQUEST_NOTIFICATION_STATUS dispatch(CHttpModule& module, Stage stage);
    REQUEST_NOTIFICATION_STATUS dispatch_post(CHttpModule& module, Event event);
    Step guard(ModuleIndex module, const std::function<REQUEST_NOTIFICATION_STATUS(CHttpModule&)>& call);
    void fail_module(ModuleIndex module, const char* what);

    // IModuleAllocator
    VOID* AllocateMemory(DWORD cbAllocation) override { return AllocateRequestMemory(cbAllocation); }

    HRESULT file_facts(const std::string& root, std::string_view relative, OSMIA_FILE_FACTS* facts);
    PCSTR keep(std::string text, DWORD* length);
    PCWSTR keep_wide(std::string_view text, DWORD* length) const;

    RequestServices& services_;
    RequestContext* parent_ = nullptr;
    int depth_ = 0;
    DWORD execute_flags_ = 0;
    std::unique_ptr<RequestSession> session_;  ///< null in a child
    std::function<void()> done_;
    Exchange exchange_;
    RawResponse raw_;
    RequestAdapter request_;
    ResponseAdapter response_;
    ConnectionAdapter connection_;
    ContextContainer contexts_;
    IHttpUser* user_ = nullptr;
    std::shared_ptr<const ModulePlan> plan_;
    std::optional<PipelineRun> run_;
    RecycledVector<CHttpModule*> instances_;
    RecycledVector<ModuleIndex> handlers_;
    mutable std::optional<HandlerAdapter> script_map_;
    std::map<std::string, std::u16string, std::less<>> variables_;
    RecycledVector<std::shared_ptr<const SiteFile>> files_;
    std::mutex memory_mutex_;
    alignas(std::max_align_t) std::byte first_memory_[FirstMemoryBytes];
    std::pmr::monotonic_buffer_resource memory_;
    mutable std::list<std::u16string> wide_;

    EventProvider event_provider_;
    MapHandlerProvider map_provider_;
    SendResponseProvider send_provider_;
    DWORD disabled_ = 0;

    // RQ_SEND_RESPONSE runs inside other stages: a module that waits there holds the thread.
    std::atomic<bool> in_send_response_ = false;
    std::binary_semaphore send_resumed_{0};

    // A child's state towards the parent that waits for it.
    enum class ChildState { Running, Awaited, Done };
    std::function<void()> when_child_done_;
    std::atomic<ChildState> child_state_ = ChildState::Running;
};

}  // namespace osmia::worker
