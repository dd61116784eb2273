// Keeps a context for each client connection from its first request with ?keep on. Every answer is one line: the worker's pid,
// how often this connection has asked since, and how many kept connections this worker was told to have closed and cleaned up.
#include <httpserv.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>
#include <string>

namespace {

std::atomic<int> disconnected = 0, cleaned = 0;
HTTP_MODULE_ID module_id = nullptr;

class Kept final : public IHttpConnectionStoredContext {
public:
    virtual ~Kept() = default;
    VOID NotifyDisconnect() override { ++disconnected; }
    VOID CleanupStoredContext() override {
        ++cleaned;
        delete this;
    }
    std::atomic<int> requests = 0;
};

class ConnectionModule final : public CHttpModule {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* context, IHttpEventProvider*) override {
        auto* container = context->GetConnection()->GetModuleContextContainer();
        auto* kept = static_cast<Kept*>(container->GetConnectionModuleContext(module_id));
        PCSTR query = nullptr;
        DWORD length = 0;
        const bool asked = SUCCEEDED(context->GetServerVariable("QUERY_STRING", &query, &length)) && std::strstr(query, "keep") != nullptr;
        if (kept == nullptr && asked) {
            kept = new (std::nothrow) Kept;
            if (kept == nullptr || FAILED(container->SetConnectionModuleContext(kept, module_id))) return fail(context);
        }
        const std::string text = std::to_string(::getpid()) + " " + std::to_string(kept == nullptr ? 0 : ++kept->requests) + " " +
                                 std::to_string(disconnected) + " " + std::to_string(cleaned) + "\n";
        void* memory = context->AllocateRequestMemory(static_cast<DWORD>(text.size()));
        std::memcpy(memory, text.data(), text.size());
        HTTP_DATA_CHUNK chunk{};
        chunk.DataChunkType = HttpDataChunkFromMemory;
        chunk.FromMemory.pBuffer = memory;
        chunk.FromMemory.BufferLength = static_cast<ULONG>(text.size());
        context->GetResponse()->WriteEntityChunkByReference(&chunk);
        context->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }
    VOID Dispose() override { delete this; }
    virtual ~ConnectionModule() = default;

private:
    static REQUEST_NOTIFICATION_STATUS fail(IHttpContext* context) {
        context->GetResponse()->SetStatus(500, "Nothing can be kept");
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
};

class Factory final : public IHttpModuleFactory {
public:
    virtual ~Factory() = default;
    HRESULT GetHttpModule(CHttpModule** module, IModuleAllocator*) override {
        *module = new (std::nothrow) ConnectionModule;
        return *module == nullptr ? E_OUTOFMEMORY : S_OK;
    }
    VOID Terminate() override { delete this; }
};

}  // namespace

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* info, IHttpServer*) {
    module_id = info->GetId();
    auto* factory = new (std::nothrow) Factory;
    return factory == nullptr ? E_OUTOFMEMORY : info->SetRequestNotifications(factory, RQ_EXECUTE_REQUEST_HANDLER, 0);
}
