// ServerSupportFunction: who is asking, and whose identity does the work.
#include <osmia_host_runtime.h>

#include <cstring>

#include "isapi/session.h"

namespace isapi {

// Every request runs as the pool's identity, which the kernel enforces: the token stands for it, and impersonating it
// changes nothing. It is the server's and goes with the control block.
BOOL Session::impersonation_token(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    if (token_ == nullptr) token_ = osmia_host_create_token();
    if (token_ == nullptr) return FALSE;
    *static_cast<HANDLE*>(buffer) = token_;
    return TRUE;
}

// The anonymous user is the pool's identity too. The caller owns this one.
BOOL Session::anonymous_token(LPVOID buffer, LPDWORD, LPDWORD type) {
    if (buffer == nullptr || type == nullptr) return fail(ERROR_INVALID_PARAMETER);
    const HANDLE token = osmia_host_create_token();
    if (token == nullptr) return FALSE;
    *reinterpret_cast<HANDLE*>(type) = token;
    return TRUE;
}

BOOL Session::client_certificate(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    auto& target = *static_cast<CERT_CONTEXT_EX*>(buffer);
    HTTP_SSL_CLIENT_CERT_INFO* info = nullptr;
    BOOL negotiated = FALSE;
    const HRESULT result = context_.GetRequest()->GetClientCertificate(&info, &negotiated);
    // Without TLS, or without a certificate, there is nothing to give.
    if (FAILED(result) || info == nullptr || info->CertEncodedSize == 0) return fail(ERROR_NO_DATA);
    target.CertContext.cbCertEncoded = info->CertEncodedSize;
    target.dwCertificateFlags = info->CertFlags;
    if (target.CertContext.pbCertEncoded == nullptr || target.cbAllocated < info->CertEncodedSize)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    target.CertContext.dwCertEncodingType = X509_ASN_ENCODING;
    std::memcpy(target.CertContext.pbCertEncoded, info->pCertEncoded, info->CertEncodedSize);
    return TRUE;
}

// Nothing is traced here; the context id is the request's, which is in every log.
BOOL Session::trace_info(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    auto& info = *static_cast<HSE_TRACE_INFO*>(buffer);
    info = {};
    DWORD length = 0;
    const PCSTR id = host_context_.GetText(OSMIA_TEXT_REQUEST_ID, &length);
    const auto digit = [](char c) { return static_cast<BYTE>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10); };
    for (DWORD i = 0; i < sizeof info.TraceContextId && 2 * i + 1 < length; ++i)
        info.TraceContextId[i] = static_cast<BYTE>(digit(id[2 * i]) << 4 | digit(id[2 * i + 1]));
    return TRUE;
}

// Responses of extensions are in no cache that would have to forget one.
BOOL Session::cache_invalidation(LPVOID buffer, LPDWORD, LPDWORD) {
    if (buffer == nullptr) return fail(ERROR_INVALID_PARAMETER);
    *static_cast<PFN_HSE_CACHE_INVALIDATION_CALLBACK*>(buffer) = [](WCHAR* url) -> HRESULT {
        return url == nullptr ? E_INVALIDARG : S_OK;
    };
    return TRUE;
}

}  // namespace isapi
