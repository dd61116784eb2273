#include "worker/module_host/request_adapter.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "worker/module_host/utf16.h"

namespace osmia::worker {

namespace {

USHORT to_ushort(std::size_t size) {
    return static_cast<USHORT>(std::min<std::size_t>(size, std::numeric_limits<USHORT>::max()));
}

void fill_address(std::string_view text, std::uint16_t port, sockaddr_storage& out) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
    const std::string address(text);
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
    } else {
        out.ss_family = AF_UNIX;
    }
}

}  // namespace

HRESULT to_hresult(const Error& error) {
    switch (error.kind) {
        case ErrorKind::Closed:
            return HRESULT_FROM_WIN32(ERROR_NETNAME_DELETED);
        case ErrorKind::Invalid:
            return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        case ErrorKind::Busy:
            return HRESULT_FROM_WIN32(5023);  // ERROR_INVALID_STATE
        case ErrorKind::NotFound:
            return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
        case ErrorKind::Denied:
            return E_ACCESSDENIED;
        case ErrorKind::TimedOut:
            return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
        case ErrorKind::System:
            break;
    }
    return E_FAIL;
}

PCSTR RequestAdapter::GetHeader(PCSTR pszName, USHORT* pcchValue) const {
    if (pszName == nullptr) return nullptr;
    const std::string_view value = exchange_.request().header(pszName);
    if (pcchValue != nullptr) *pcchValue = to_ushort(value.size());
    return value.data();
}

PCSTR RequestAdapter::GetHeader(HTTP_HEADER_ID ulIndex, USHORT* pcchValue) const {
    return GetHeader(request_header_name(ulIndex), pcchValue);
}

HRESULT RequestAdapter::SetHeader(PCSTR pszName, PCSTR pszValue, USHORT cchValue, BOOL fReplace) {
    if (pszName == nullptr || pszValue == nullptr) return E_INVALIDARG;
    exchange_.request().set_header(pszName, std::string_view(pszValue, cchValue), fReplace != FALSE);
    return S_OK;
}

HRESULT RequestAdapter::SetHeader(HTTP_HEADER_ID ulIndex, PCSTR pszValue, USHORT cchValue, BOOL fReplace) {
    return SetHeader(request_header_name(ulIndex), pszValue, cchValue, fReplace);
}

HRESULT RequestAdapter::DeleteHeader(PCSTR pszName) {
    if (pszName == nullptr) return E_INVALIDARG;
    exchange_.request().delete_header(pszName);
    return S_OK;
}

HRESULT RequestAdapter::DeleteHeader(HTTP_HEADER_ID ulIndex) {
    return DeleteHeader(request_header_name(ulIndex));
}

HRESULT RequestAdapter::SetHttpMethod(PCSTR pszHttpMethod) {
    if (pszHttpMethod == nullptr || *pszHttpMethod == '\0') return E_INVALIDARG;
    exchange_.request().set_method(pszHttpMethod);
    return S_OK;
}

HRESULT RequestAdapter::SetUrl(PCSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) {
    if (pszUrl == nullptr) return E_INVALIDARG;
    return exchange_.request().set_url(std::string_view(pszUrl, cchUrl), fResetQueryString != FALSE)
               ? S_OK
               : E_INVALIDARG;
}

HRESULT RequestAdapter::SetUrl(PCWSTR pszUrl, DWORD cchUrl, BOOL fResetQueryString) {
    if (pszUrl == nullptr) return E_INVALIDARG;
    const std::string url = to_utf8(std::u16string_view(pszUrl, cchUrl));
    return SetUrl(url.c_str(), static_cast<DWORD>(url.size()), fResetQueryString);
}

PCWSTR RequestAdapter::GetForwardedUrl() const {
    if (!exchange_.request().url_changed()) return nullptr;
    forwarded_ = to_utf16(exchange_.request().path());
    return forwarded_.c_str();
}

PSOCKADDR RequestAdapter::GetLocalAddress() const {
    fill_address(exchange_.received().local_address(), exchange_.head().local_port, local_);
    return reinterpret_cast<PSOCKADDR>(&local_);
}

PSOCKADDR RequestAdapter::GetRemoteAddress() const {
    fill_address(exchange_.received().remote_address(), exchange_.head().remote_port, remote_);
    return reinterpret_cast<PSOCKADDR>(&remote_);
}

HRESULT RequestAdapter::ReadEntityBody(VOID* pvBuffer, DWORD cbBuffer, BOOL fAsync, DWORD* pcbReceived,
                                       BOOL* pfPending) {
    if (pvBuffer == nullptr || cbBuffer == 0) return E_INVALIDARG;
    if (pfPending != nullptr) *pfPending = FALSE;
    const std::span target(static_cast<std::byte*>(pvBuffer), cbBuffer);
    if (fAsync != FALSE && exchange_.body_available() == 0 && pfPending != nullptr) {
        *pfPending = TRUE;
        exchange_.read_body_async(target, [this](Result<std::size_t> result) {
            if (!result.ok()) return completed_(0, to_hresult(result.error()));
            completed_(static_cast<DWORD>(result.value()),
                       result.value() == 0 ? HRESULT_FROM_WIN32(ERROR_HANDLE_EOF) : S_OK);
        });
        return S_OK;
    }
    const auto result = exchange_.read_body(target);
    if (!result.ok()) return to_hresult(result.error());
    if (pcbReceived != nullptr) *pcbReceived = static_cast<DWORD>(result.value());
    return result.value() == 0 ? HRESULT_FROM_WIN32(ERROR_HANDLE_EOF) : S_OK;
}

HRESULT RequestAdapter::InsertEntityBody(VOID* pvBuffer, DWORD cbBuffer) {
    if (pvBuffer == nullptr && cbBuffer != 0) return E_INVALIDARG;
    exchange_.request().insert_body({static_cast<const char*>(pvBuffer), cbBuffer});
    return S_OK;
}

DWORD RequestAdapter::GetRemainingEntityBytes() {
    const std::uint64_t left = exchange_.body_left();
    if (left == wire::UnknownLength) return std::numeric_limits<DWORD>::max();
    return static_cast<DWORD>(std::min<std::uint64_t>(left + exchange_.request().inserted_body().size(),
                                                      std::numeric_limits<DWORD>::max()));
}

VOID RequestAdapter::GetHttpVersion(USHORT* pMajorVersion, USHORT* pMinorVersion) const {
    if (pMajorVersion != nullptr) *pMajorVersion = exchange_.head().http_major;
    if (pMinorVersion != nullptr) *pMinorVersion = exchange_.head().http_minor;
}

HRESULT RequestAdapter::GetClientCertificate(HTTP_SSL_CLIENT_CERT_INFO** ppInfo, BOOL* pfNegotiated) {
    if (ppInfo != nullptr) *ppInfo = nullptr;
    if (pfNegotiated != nullptr) *pfNegotiated = FALSE;
    return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
}

HRESULT RequestAdapter::NegotiateClientCertificate(BOOL, BOOL* pfCompletionPending) {
    if (pfCompletionPending != nullptr) *pfCompletionPending = FALSE;
    return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
}

const HTTP_REQUEST* RequestAdapter::GetRawHttpRequest() const {
    return const_cast<RequestAdapter*>(this)->GetRawHttpRequest();
}

HTTP_REQUEST* RequestAdapter::GetRawHttpRequest() {
    fill_raw();
    return &raw_;
}

PCWSTR RequestAdapter::wide(std::string_view text) {
    return wide_.emplace_back(to_utf16(text)).c_str();
}

// A snapshot: made anew for each call, so that it shows what modules have changed since.
void RequestAdapter::fill_raw() {
    const wire::RequestHead& head = exchange_.head();
    RequestData& request = exchange_.request();
    raw_ = {};
    raw_.Flags = exchange_.body_left() == 0 ? 0 : HTTP_REQUEST_FLAG_MORE_ENTITY_BODY_EXISTS;
    raw_.ConnectionId = raw_.RawConnectionId = head.connection_id;
    raw_.RequestId = head.number;
    raw_.Version = {head.http_major, head.http_minor};
    raw_.Verb = verb_number(request.method());
    if (raw_.Verb == HttpVerbUnknown) {
        raw_.pUnknownVerb = request.method().data();
        raw_.UnknownVerbLength = to_ushort(request.method().size());
    }
    raw_.pRawUrl = request.raw_target().data();
    raw_.RawUrlLength = to_ushort(request.raw_target().size());
    const std::string scheme = (head.flags & wire::RequestIsTls) != 0 ? "https://" : "http://";
    const std::string host = std::string(exchange_.received().host()) + ":" + std::to_string(head.local_port);
    std::string url = scheme + host + std::string(request.path());
    const std::size_t path_size = to_utf16(request.path()).size();
    if (!request.query().empty()) url.append("?").append(request.query());
    wide_.clear();
    auto& cooked = raw_.CookedUrl;
    cooked.pFullUrl = wide(url);
    const std::size_t full = wide_.back().size();
    cooked.FullUrlLength = to_ushort(full * 2);
    cooked.pHost = cooked.pFullUrl + scheme.size();
    cooked.HostLength = to_ushort(to_utf16(host).size() * 2);
    cooked.pAbsPath = cooked.pHost + cooked.HostLength / 2;
    cooked.AbsPathLength = to_ushort(path_size * 2);
    if (!request.query().empty()) {
        cooked.pQueryString = cooked.pAbsPath + path_size;
        cooked.QueryStringLength =
            to_ushort((full - static_cast<std::size_t>(cooked.pQueryString - cooked.pFullUrl)) * 2);
    }
    raw_.Address = {GetRemoteAddress(), GetLocalAddress()};
    unknown_.clear();
    for (const auto& field : request.fields()) {
        bool known = false;
        for (int id = 0; id < HttpHeaderRequestMaximum && !known; ++id) {
            if (!same_name(field.name, request_header_name(static_cast<HTTP_HEADER_ID>(id)))) continue;
            const std::string_view value = request.header(field.name);
            raw_.Headers.KnownHeaders[id] = {to_ushort(value.size()), value.data()};
            known = true;
        }
        if (!known)
            unknown_.push_back({to_ushort(field.name.size()), to_ushort(field.value.size()),
                                field.name.data(), field.value.data()});
    }
    raw_.Headers.UnknownHeaderCount = to_ushort(unknown_.size());
    raw_.Headers.pUnknownHeaders = unknown_.data();
}

}  // namespace osmia::worker
