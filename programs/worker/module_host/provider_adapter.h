/// \file
/// The providers that events hand to modules, over an Exchange.
#pragma once

#include <osmia_host.h>

#include "worker/module_host/utf16.h"
#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// For RQ_AUTHENTICATE_REQUEST, and as IHttpEventProvider for every event without a provider of its own.
/// Holds one reference of the request's user.
class EventProvider final : public IAuthenticationProvider {
public:
    EventProvider(Exchange& exchange, IHttpUser*& user) : exchange_(exchange), user_(user) {
        if (user_ != nullptr) user_->ReferenceUser();
    }
    EventProvider(const EventProvider&) = delete;
    EventProvider& operator=(const EventProvider&) = delete;
    virtual ~EventProvider() {
        if (user_ != nullptr) user_->DereferenceUser();
    }
    VOID SetErrorStatus(HRESULT hrError) override { exchange_.set_error(500, 0, hrError); }
    /// Takes over the reference that the object was made with, as IIS does.
    VOID SetUser(IHttpUser* pUser) override {
        if (user_ != nullptr) user_->DereferenceUser();
        user_ = pUser;
        const PCWSTR name = pUser == nullptr ? nullptr : pUser->GetRemoteUserName();
        exchange_.user = name == nullptr ? std::string() : to_utf8(name);
    }

private:
    Exchange& exchange_;
    IHttpUser*& user_;
};

/// For RQ_MAP_REQUEST_HANDLER.
class MapHandlerProvider final : public IMapHandlerProvider {
public:
    explicit MapHandlerProvider(Exchange& exchange) : exchange_(exchange) {}
    virtual ~MapHandlerProvider() = default;
    VOID SetErrorStatus(HRESULT hrError) override { exchange_.set_error(500, 0, hrError); }
    HRESULT SetScriptName(PCWSTR, DWORD) override { return E_NOTIMPL; }
    VOID SetScriptMap(IScriptMapInfo*) override {}
    VOID SetFileInfo(IHttpFileInfo*) override {}

private:
    Exchange& exchange_;
};

/// For RQ_SEND_RESPONSE.
class SendResponseProvider final : public ISendResponseProvider {
public:
    explicit SendResponseProvider(Exchange& exchange) : exchange_(exchange) {}
    virtual ~SendResponseProvider() = default;
    void set_part(bool head, bool more) {
        head_ = head;
        flags_ = more ? HTTP_SEND_RESPONSE_FLAG_MORE_DATA : 0;
    }
    VOID SetErrorStatus(HRESULT hrError) override { exchange_.set_error(500, 0, hrError); }
    BOOL GetHeadersBeingSent() const override { return head_; }
    DWORD GetFlags() const override { return flags_; }
    VOID SetFlags(DWORD dwFlags) override { flags_ = dwFlags; }
    HTTP_LOG_DATA* GetLogData() const override { return nullptr; }
    HRESULT SetLogData(HTTP_LOG_DATA*) override { return E_NOTIMPL; }
    BOOL GetReadyToLogData() const override { return FALSE; }

private:
    Exchange& exchange_;
    bool head_ = false;
    DWORD flags_ = 0;
};

/// The outcome of an asynchronous operation, for OnAsyncCompletion().
class CompletionInfo final : public IHttpCompletionInfo {
public:
    CompletionInfo(DWORD bytes, HRESULT status) : bytes_(bytes), status_(status) {}
    virtual ~CompletionInfo() = default;
    DWORD GetCompletionBytes() const override { return bytes_; }
    HRESULT GetCompletionStatus() const override { return status_; }

private:
    DWORD bytes_;
    HRESULT status_;
};

}  // namespace osmia::worker
