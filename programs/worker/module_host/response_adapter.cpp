#include "worker/module_host/response_adapter.h"

#include <osmia_host_runtime.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "http/status.h"
#include "http_fields/field_syntax.h"
#include "worker/module_host/request_adapter.h"
#include "worker/module_host/utf16.h"
#include "worker/pipeline/error_page.h"

namespace osmia::worker {

namespace {

USHORT to_ushort(std::size_t size) {
    return static_cast<USHORT>(std::min<std::size_t>(size, std::numeric_limits<USHORT>::max()));
}

DWORD to_dword(std::uint64_t size) {
    return static_cast<DWORD>(std::min<std::uint64_t>(size, std::numeric_limits<DWORD>::max()));
}

}  // namespace

HRESULT ResponseAdapter::SetStatus(USHORT statusCode, PCSTR pszReason, USHORT uSubStatus,
                                   HRESULT hrErrorToReport, IAppHostConfigException*,
                                   BOOL fTrySkipCustomErrors) {
    if (statusCode < http::MinStatus || statusCode > http::MaxStatus) return E_INVALIDARG;
    const std::string_view reason = pszReason == nullptr ? "" : pszReason;
    if (http_fields::find_control(reason) != reason.size()) return E_INVALIDARG;
    exchange_.response().set_status(statusCode, reason, uSubStatus, hrErrorToReport);
    exchange_.response().skip_error_page = fTrySkipCustomErrors != FALSE;
    return S_OK;
}

HRESULT ResponseAdapter::SetHeader(PCSTR pszName, PCSTR pszValue, USHORT cchValue, BOOL fReplace) {
    if (pszName == nullptr || pszValue == nullptr) return E_INVALIDARG;
    const std::string_view value(pszValue, cchValue);
    if (!http_fields::is_token(pszName) || http_fields::find_control(value) != value.size())
        return E_INVALIDARG;
    exchange_.response().set_header(pszName, http_fields::trim_blanks(value), fReplace != FALSE);
    return S_OK;
}

HRESULT ResponseAdapter::SetHeader(HTTP_HEADER_ID ulIndex, PCSTR pszValue, USHORT cchValue, BOOL fReplace) {
    return SetHeader(response_header_name(ulIndex), pszValue, cchValue, fReplace);
}

HRESULT ResponseAdapter::DeleteHeader(PCSTR pszName) {
    if (pszName == nullptr) return E_INVALIDARG;
    exchange_.response().delete_header(pszName);
    return S_OK;
}

HRESULT ResponseAdapter::DeleteHeader(HTTP_HEADER_ID ulIndex) {
    return DeleteHeader(response_header_name(ulIndex));
}

PCSTR ResponseAdapter::GetHeader(PCSTR pszName, USHORT* pcchValue) const {
    const std::string* value = pszName == nullptr ? nullptr : exchange_.response().header(pszName);
    if (pcchValue != nullptr) *pcchValue = value == nullptr ? USHORT{0} : to_ushort(value->size());
    return value == nullptr ? nullptr : value->c_str();
}

PCSTR ResponseAdapter::GetHeader(HTTP_HEADER_ID ulIndex, USHORT* pcchValue) const {
    return GetHeader(response_header_name(ulIndex), pcchValue);
}

VOID ResponseAdapter::ResetConnection() {
    exchange_.session().disconnect(true);
    exchange_.abort();
}

VOID ResponseAdapter::CloseConnection() {
    exchange_.session().disconnect(false);
    exchange_.abort();
}

HRESULT ResponseAdapter::send(bool more, DWORD* pcbSent, BOOL* pfCompletionExpected) {
    if (pfCompletionExpected != nullptr) *pfCompletionExpected = FALSE;
    const std::uint64_t bytes = exchange_.response().pending_bytes();
    const auto result = exchange_.send(more);
    if (pcbSent != nullptr) *pcbSent = result.ok() ? to_dword(bytes) : 0;
    return result.ok() ? S_OK : to_hresult(result.error());
}

HRESULT ResponseAdapter::Flush(BOOL, BOOL fMoreData, DWORD* pcbSent, BOOL* pfCompletionExpected) {
    return send(fMoreData != FALSE, pcbSent, pfCompletionExpected);
}

HRESULT ResponseAdapter::Redirect(PCSTR pszUrl, BOOL fResetStatusCode, BOOL fIncludeParameters) {
    if (pszUrl == nullptr) return E_INVALIDARG;
    std::string url = pszUrl;
    if (fIncludeParameters != FALSE && !exchange_.request().query().empty())
        url.append("?").append(exchange_.request().query());
    if (!http_fields::is_field_value(url)) return E_INVALIDARG;
    ResponseData& response = exchange_.response();
    if (fResetStatusCode != FALSE) response.set_status(302, "");
    response.set_header("Location", url, true);
    response.chunks.clear();
    const std::string page =
        "<!DOCTYPE html>\n<html><head><title>Moved</title></head><body><h1>Moved</h1>\n<p>This page is <a "
        "href=\"" +
        escape_html(url) + "\">here</a>.</p></body></html>\n";
    response.set_header("Content-Type", "text/html; charset=utf-8", true);
    response.append(page);
    return S_OK;
}

HRESULT ResponseAdapter::to_chunk(const HTTP_DATA_CHUNK& from, BodyChunk& to) {
    if (from.DataChunkType == HttpDataChunkFromMemory) {
        to.borrowed = from.FromMemory.pBuffer;
        to.length = from.FromMemory.BufferLength;
        return to.borrowed == nullptr && to.length != 0 ? E_INVALIDARG : S_OK;
    }
    if (from.DataChunkType != HttpDataChunkFromFileHandle) return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    to.keeper = std::make_shared<UniqueFd>(osmia_host_duplicate_descriptor(from.FromFileHandle.FileHandle));
    to.fd = to.keeper->get();
    struct stat facts;
    if (to.fd < 0 || ::fstat(to.fd, &facts) != 0) return HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE);
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    to.offset = from.FromFileHandle.ByteRange.StartingOffset.QuadPart;
    if (to.offset > size) return E_INVALIDARG;
    to.length = std::min<std::uint64_t>(from.FromFileHandle.ByteRange.Length.QuadPart, size - to.offset);
    return S_OK;
}

HRESULT ResponseAdapter::WriteEntityChunkByReference(HTTP_DATA_CHUNK* pDataChunk, LONG lInsertPosition) {
    if (pDataChunk == nullptr) return E_INVALIDARG;
    BodyChunk chunk;
    const HRESULT result = to_chunk(*pDataChunk, chunk);
    if (FAILED(result)) return result;
    auto& chunks = exchange_.response().chunks;
    const auto count = static_cast<LONG>(chunks.size());
    if (lInsertPosition < -1 || lInsertPosition > count) return E_INVALIDARG;
    chunks.insert(lInsertPosition == -1 ? chunks.end() : chunks.begin() + lInsertPosition, std::move(chunk));
    return S_OK;
}

HRESULT ResponseAdapter::WriteEntityChunks(HTTP_DATA_CHUNK* pDataChunks, DWORD nChunks, BOOL, BOOL fMoreData,
                                           DWORD* pcbSent, BOOL* pfCompletionExpected) {
    if (pDataChunks == nullptr && nChunks != 0) return E_INVALIDARG;
    for (DWORD i = 0; i < nChunks; ++i) {
        const HRESULT result = WriteEntityChunkByReference(&pDataChunks[i], -1);
        if (FAILED(result)) return result;
    }
    // The caller's buffers are his again when this returns, so nothing may stay behind by reference.
    return send(fMoreData != FALSE, pcbSent, pfCompletionExpected);
}

VOID ResponseAdapter::GetStatus(USHORT* pStatusCode, USHORT* pSubStatus, PCSTR* ppszReason,
                                USHORT* pcchReason, HRESULT* phrErrorToReport, PCWSTR* ppszModule,
                                DWORD* pdwNotification, IAppHostConfigException** ppException,
                                BOOL* pfTrySkip) {
    const ResponseData& response = exchange_.response();
    const std::string_view reason =
        response.reason.empty() ? http::reason_phrase(response.status) : std::string_view(response.reason);
    if (pStatusCode != nullptr) *pStatusCode = response.status;
    if (pSubStatus != nullptr) *pSubStatus = response.substatus;
    if (ppszReason != nullptr) *ppszReason = reason.data();
    if (pcchReason != nullptr) *pcchReason = to_ushort(reason.size());
    if (phrErrorToReport != nullptr) *phrErrorToReport = response.error;
    if (ppszModule != nullptr) *ppszModule = nullptr;
    if (pdwNotification != nullptr) *pdwNotification = 0;
    if (ppException != nullptr) *ppException = nullptr;
    if (pfTrySkip != nullptr) *pfTrySkip = response.skip_error_page;
}

HRESULT ResponseAdapter::SetErrorDescription(PCWSTR pszDescription, DWORD cchDescription, BOOL fHtmlEncode) {
    if (pszDescription == nullptr) return E_INVALIDARG;
    description_.assign(pszDescription, cchDescription);
    const std::string text = to_utf8(description_);
    exchange_.response().error_description =
        "<p>" + (fHtmlEncode != FALSE ? escape_html(text) : text) + "</p>\n";
    return S_OK;
}

PCWSTR ResponseAdapter::GetErrorDescription(DWORD* pcchDescription) {
    if (pcchDescription != nullptr) *pcchDescription = to_dword(description_.size());
    return description_.c_str();
}

const HTTP_RESPONSE* ResponseAdapter::GetRawHttpResponse() const {
    return const_cast<ResponseAdapter*>(this)->GetRawHttpResponse();
}

// A snapshot; changes made to it are not taken over. Body pieces are not shown.
HTTP_RESPONSE* ResponseAdapter::GetRawHttpResponse() {
    const ResponseData& response = exchange_.response();
    raw_ = {};
    raw_.Version = {1, 1};
    raw_.StatusCode = response.status;
    raw_.pReason = response.reason.c_str();
    raw_.ReasonLength = to_ushort(response.reason.size());
    unknown_.clear();
    for (const auto& field : response.fields) {
        bool known = false;
        for (int id = 0; id < HttpHeaderResponseMaximum && !known; ++id) {
            if (!same_name(field.name, response_header_name(static_cast<HTTP_HEADER_ID>(id)))) continue;
            raw_.Headers.KnownHeaders[id] = {to_ushort(field.value.size()), field.value.c_str()};
            known = true;
        }
        if (!known)
            unknown_.push_back({to_ushort(field.name.size()), to_ushort(field.value.size()),
                                field.name.c_str(), field.value.c_str()});
    }
    raw_.Headers.UnknownHeaderCount = to_ushort(unknown_.size());
    raw_.Headers.pUnknownHeaders = unknown_.data();
    return &raw_;
}

}  // namespace osmia::worker
