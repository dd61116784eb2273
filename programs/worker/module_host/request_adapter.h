/// \file
/// IHttpRequest over an Exchange.
#pragma once

#include <osmia_host.h>
#include <sys/socket.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "worker/pipeline/exchange.h"

namespace osmia::worker {

/// One request as modules see it. Lives in the request's context.
class RequestAdapter final : public IHttpRequest2 {
public:
    /// \a completed tells the pipeline that an asynchronous read has ended.
    RequestAdapter(Exchange& exchange, std::function<void(DWORD bytes, HRESULT result)> completed)
        : exchange_(exchange), completed_(std::move(completed)) {}
    virtual ~RequestAdapter() = default;

    HTTP_REQUEST* GetRawHttpRequest() override;
    const HTTP_REQUEST* GetRawHttpRequest() const override;
    PCSTR GetHeader(PCSTR pszName, USHORT* pcchValue) const override;
    PCSTR GetHeader(HTTP_HEADER_ID ulIndex, USHORT* pcchValue) const override;
    HRESULT SetHeader(PCSTR pszName, PCSTR pszValue, USHORT cchValue, BOOL fReplace) override;
    HRESULT SetHeader(HTTP_HEADER_ID ulIndex, PCSTR pszValue, USHORT cchValue, BOOL fReplace) override;
    HRESULT DeleteHeader(PCSTR pszName) override;
    HRESULT DeleteHeader(HTTP_HEADER_ID ulIndex) override;
    PCSTR GetHttpMethod() const override { return exchange_.request().method().data(); }
    HRESULT SetHttpMethod(PCSTR pszHttpMethod) override;
    HRESULT SetUrl(PCWSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) override;
    HRESULT SetUrl(PCSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) override;
    BOOL GetUrlChanged() const override { return exchange_.request().url_changed(); }
    PCWSTR GetForwardedUrl() const override;
    PSOCKADDR GetLocalAddress() const override;
    PSOCKADDR GetRemoteAddress() const override;
    HRESULT ReadEntityBody(VOID* pvBuffer, DWORD cbBuffer, BOOL fAsync, DWORD* pcbReceived,
                           BOOL* pfPending) override;
    HRESULT InsertEntityBody(VOID* pvBuffer, DWORD cbBuffer) override;
    DWORD GetRemainingEntityBytes() override;
    VOID GetHttpVersion(USHORT* pMajorVersion, USHORT* pMinorVersion) const override;
    HRESULT GetClientCertificate(HTTP_SSL_CLIENT_CERT_INFO** ppInfo, BOOL* pfNegotiated) override;
    HRESULT NegotiateClientCertificate(BOOL fAsync, BOOL* pfCompletionPending) override;
    DWORD GetSiteId() const override { return exchange_.head().site_id; }
    HRESULT GetHeaderChanges(DWORD, DWORD*, PCSTR[HttpHeaderRequestMaximum], DWORD*, PCSTR**, PCSTR**,
                             DWORD[HttpHeaderRequestMaximum + 1], DWORD*, DWORD**) override {
        return E_NOTIMPL;
    }
    HRESULT GetChannelBindingToken(PBYTE*, DWORD*) override { return E_NOTIMPL; }

private:
    void fill_raw();
    PCWSTR wide(std::string_view text);

    Exchange& exchange_;
    std::function<void(DWORD, HRESULT)> completed_;
    HTTP_REQUEST raw_{};
    std::vector<HTTP_UNKNOWN_HEADER> unknown_;
    std::list<std::u16string> wide_;
    mutable sockaddr_storage local_{};
    mutable sockaddr_storage remote_{};
    mutable std::u16string forwarded_;
};

/// The registered name of a header number of requests; nullptr beyond the last.
PCSTR request_header_name(HTTP_HEADER_ID id);
/// Of responses.
PCSTR response_header_name(HTTP_HEADER_ID id);
/// The number of a method; HttpVerbUnknown for others.
HTTP_VERB verb_number(std::string_view method);
/// The HRESULT for an Error of a read or write.
HRESULT to_hresult(const Error& error);

}  // namespace osmia::worker
