/// \file
/// IHttpResponse over an Exchange.
#pragma once

#include <osmia_host.h>

#include <deque>
#include <string>
#include <vector>

#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// The response as modules see it. Lives in the request's context. Writes and flushes are synchronous even
/// when asked to be asynchronous: the caller is told that no completion will come.
class ResponseAdapter final : public IHttpResponse {
public:
    explicit ResponseAdapter(Exchange& exchange) : exchange_(exchange) {}
    virtual ~ResponseAdapter() = default;

    HTTP_RESPONSE* GetRawHttpResponse() override;
    const HTTP_RESPONSE* GetRawHttpResponse() const override;
    IHttpCachePolicy* GetCachePolicy() override { return nullptr; }
    HRESULT SetStatus(USHORT statusCode, PCSTR pszReason, USHORT uSubStatus, HRESULT hrErrorToReport,
                      IAppHostConfigException* pException, BOOL fTrySkipCustomErrors) override;
    HRESULT SetHeader(PCSTR pszName, PCSTR pszValue, USHORT cchValue, BOOL fReplace) override;
    HRESULT SetHeader(HTTP_HEADER_ID ulIndex, PCSTR pszValue, USHORT cchValue, BOOL fReplace) override;
    HRESULT DeleteHeader(PCSTR pszName) override;
    HRESULT DeleteHeader(HTTP_HEADER_ID ulIndex) override;
    PCSTR GetHeader(PCSTR pszName, USHORT* pcchValue) const override;
    PCSTR GetHeader(HTTP_HEADER_ID ulIndex, USHORT* pcchValue) const override;
    VOID Clear() override { exchange_.response().clear(); }
    VOID ClearHeaders() override { exchange_.response().clear_headers(); }
    VOID SetNeedDisconnect() override { exchange_.response().disconnect = true; }
    VOID ResetConnection() override;
    VOID DisableKernelCache(ULONG) override {}
    BOOL GetKernelCacheEnabled() const override { return FALSE; }
    VOID SuppressHeaders() override { exchange_.response().suppress_head = true; }
    BOOL GetHeadersSuppressed() const override { return exchange_.response().suppress_head; }
    HRESULT Flush(BOOL fAsync, BOOL fMoreData, DWORD* pcbSent, BOOL* pfCompletionExpected) override;
    HRESULT Redirect(PCSTR pszUrl, BOOL fResetStatusCode, BOOL fIncludeParameters) override;
    HRESULT WriteEntityChunkByReference(HTTP_DATA_CHUNK* pDataChunk, LONG lInsertPosition) override;
    HRESULT WriteEntityChunks(HTTP_DATA_CHUNK* pDataChunks, DWORD nChunks, BOOL fAsync, BOOL fMoreData,
                              DWORD* pcbSent, BOOL* pfCompletionExpected) override;
    VOID DisableBuffering() override { exchange_.response().buffered = false; }
    VOID GetStatus(USHORT* pStatusCode, USHORT* pSubStatus, PCSTR* ppszReason, USHORT* pcchReason,
                   HRESULT* phrErrorToReport, PCWSTR* ppszModule, DWORD* pdwNotification,
                   IAppHostConfigException** ppException, BOOL* pfTrySkip) override;
    HRESULT SetErrorDescription(PCWSTR pszDescription, DWORD cchDescription, BOOL fHtmlEncode) override;
    PCWSTR GetErrorDescription(DWORD* pcchDescription) override;
    HRESULT GetHeaderChanges(DWORD, DWORD*, PCSTR[HttpHeaderResponseMaximum], DWORD*, PCSTR**, PCSTR**,
                             DWORD[HttpHeaderResponseMaximum + 1], DWORD*, DWORD**) override {
        return E_NOTIMPL;
    }
    VOID CloseConnection() override;

private:
    HRESULT to_chunk(const HTTP_DATA_CHUNK& from, BodyChunk& to);
    HRESULT send(bool more, DWORD* pcbSent, BOOL* pfCompletionExpected);

    Exchange& exchange_;
    HTTP_RESPONSE raw_{};
    std::vector<HTTP_UNKNOWN_HEADER> unknown_;
    std::u16string description_;
    mutable std::string joined_;
};

}  // namespace osmia::worker
