/// \file
/// IHttpConnection of one request.
#pragma once

#include <memory>

#include "worker/module_host/connection_table.h"
#include "worker/request_session.h"

namespace osmia::worker {

/// Looks the connection up when a module asks. The first thing that a module keeps for it binds the connection to this
/// worker: its later requests come here too, and its end is told. Lives in the request's context.
class ConnectionAdapter final : public IHttpConnection, private IHttpConnectionModuleContextContainer {
public:
    ConnectionAdapter(ConnectionTable& table, RequestSession& session) : table_(table), session_(session) {}
    virtual ~ConnectionAdapter() = default;

    BOOL IsConnected() const override { return !session_.client_is_gone(); }
    VOID* AllocateMemory(DWORD cbAllocation) override { return open().allocate(cbAllocation); }
    IHttpConnectionModuleContextContainer* GetModuleContextContainer() override { return this; }

private:
    IHttpStoredContext* GetModuleContext(HTTP_MODULE_ID moduleId) override {
        ConnectionState* const state = find();
        return state == nullptr ? nullptr : state->contexts().GetModuleContext(moduleId);
    }
    HRESULT SetModuleContext(IHttpStoredContext* pContext, HTTP_MODULE_ID moduleId) override {
        return open().contexts().SetModuleContext(pContext, moduleId);
    }
    IHttpConnectionStoredContext* GetConnectionModuleContext(HTTP_MODULE_ID moduleId) override {
        ConnectionState* const state = find();
        return state == nullptr ? nullptr : state->find(moduleId);
    }
    HRESULT SetConnectionModuleContext(IHttpConnectionStoredContext* pContext, HTTP_MODULE_ID moduleId) override {
        return open().store(pContext, moduleId);
    }

    ConnectionKey key() const { return {session_.listener(), session_.request().fixed().connection_id}; }
    ConnectionState* find() {
        if (!state_) state_ = table_.find(key());
        return state_.get();
    }
    ConnectionState& open() {
        bool is_new = false;
        if (!state_) state_ = table_.open(key(), is_new);
        if (is_new) session_.bind_connection();
        return *state_;
    }

    ConnectionTable& table_;
    RequestSession& session_;
    std::shared_ptr<ConnectionState> state_;
};

}  // namespace osmia::worker
