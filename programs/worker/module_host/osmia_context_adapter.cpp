#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <limits>

#include "http/date.h"
#include "http_fields/field_syntax.h"
#include "worker/coarse_clock.h"
#include "worker/module_host/request_context.h"
#include "worker/module_host/section_adapter.h"
#include "worker/pipeline/beneath.h"
#include "worker/pipeline/server_variables.h"

namespace osmia::worker {

namespace {

/// What an extension may append to one line of the access log.
constexpr std::size_t MaxLogData = 4096;

HRESULT to_result(const Result<void>& result) {
    return result.ok() ? S_OK : to_hresult(result.error());
}

}  // namespace

PCSTR RequestContext::GetText(OSMIA_TEXT text, DWORD* pcchText) {
    // Views of the request end in NUL and live as long as it.
    const auto shared = [pcchText](std::string_view view) {
        if (pcchText != nullptr) *pcchText = static_cast<DWORD>(view.size());
        return view.empty() ? "" : view.data();
    };
    switch (text) {
        case OSMIA_TEXT_PHYSICAL_PATH:
            return keep(exchange_.physical_path(), pcchText);
        case OSMIA_TEXT_SCRIPT_NAME:
            return keep(std::string(exchange_.script_name()), pcchText);
        case OSMIA_TEXT_PATH_INFO:
            return keep(path_info_variable(exchange_), pcchText);
        case OSMIA_TEXT_PATH_TRANSLATED:
            return keep(path_translated_variable(exchange_), pcchText);
        case OSMIA_TEXT_SCRIPT_PROCESSOR:
            return keep(
                exchange_.handler() == nullptr ? std::string() : exchange_.handler()->script_processor,
                pcchText);
        case OSMIA_TEXT_URL_PATH:
            return shared(exchange_.request().path());
        case OSMIA_TEXT_QUERY:
            return shared(exchange_.request().query());
        case OSMIA_TEXT_REQUEST_ID:
            return keep(std::string(exchange_.received().request_id()), pcchText);
        case OSMIA_TEXT_RAW_TARGET:
            return shared(exchange_.request().raw_target());
        case OSMIA_TEXT_HANDLER_NAME:
            return exchange_.handler() == nullptr ? shared({}) : shared(exchange_.handler()->name);
    }
    return keep("", pcchText);
}

DWORD RequestContext::GetAccessPolicy() {
    return exchange_.target().configuration->handlers->access_policy;
}

IOsmiaSection* RequestContext::GetSection(DWORD dwSection) {
    return &section_in_force(*exchange_.target().configuration, dwSection);
}

// The shallowest folder on the way that has this very content: a file that says something makes a content of its own.
DWORD RequestContext::GetSectionUrlLength(DWORD dwSection) {
    const IOsmiaSection* const here = GetSection(dwSection);
    const std::string_view path = exchange_.request().path();
    for (std::size_t slash = 0; slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        const auto target = exchange_.sites().find(exchange_.head().site_id, path.substr(0, std::max<std::size_t>(slash, 1)));
        if (target->configuration == nullptr || &section_in_force(*target->configuration, dwSection) != here) continue;
        return static_cast<DWORD>(slash);
    }
    return static_cast<DWORD>(path.size());
}

BOOL RequestContext::IsKeepAlive() {
    return (exchange_.head().flags & wire::RequestKeepsAlive) != 0 && !exchange_.response().disconnect;
}

BOOL RequestContext::IsExtensionAllowed(PCSTR pszFile) {
    return exchange_.target().configuration->isapi_cgi_restriction->isapi_allowed(pszFile);
}

HRESULT RequestContext::MapUrl(PCSTR pszUrl, OSMIA_URL_MAPPING* pMapping) {
    if (pszUrl == nullptr || pMapping == nullptr || *pszUrl != '/') return E_INVALIDARG;
    const std::string_view url = std::string_view(pszUrl).substr(0, std::string_view(pszUrl).find('?'));
    const auto target = exchange_.sites().find(exchange_.head().site_id, url);
    if (target->site == nullptr) return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    pMapping->pszPhysicalPath = keep(target->place.physical_path, &pMapping->cchPhysicalPath);
    pMapping->cchMatchingPath = static_cast<DWORD>(target->place.directory->physical_path.size());
    pMapping->cchMatchingUrl = static_cast<DWORD>(target->place.directory_length);
    pMapping->dwAccess = target->configuration->handlers->access_policy;
    return S_OK;
}

BOOL RequestContext::IsCgiAllowed(PCSTR pszCommand) {
    return pszCommand != nullptr &&
           exchange_.target().configuration->isapi_cgi_restriction->cgi_allowed(pszCommand);
}

VOID RequestContext::AppendLog(PCSTR pszText, DWORD cchText) {
    if (pszText == nullptr) return;
    std::string_view text(pszText, cchText);
    text = text.substr(0, text.find('\0'));
    text = text.substr(0, MaxLogData - std::min(MaxLogData, exchange_.log_data.size()));
    for (const char c : text)
        exchange_.log_data += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '+' : c;
}

HRESULT RequestContext::GetFileFacts(OSMIA_FILE_FACTS* pFacts) {
    return file_facts(exchange_.target().place.directory->physical_path, exchange_.script_beneath(), pFacts);
}

HRESULT RequestContext::GetUrlFacts(PCSTR pszUrl, OSMIA_FILE_FACTS* pFacts) {
    const std::string_view url = pszUrl == nullptr ? "" : pszUrl;
    if (!url.starts_with('/')) return E_INVALIDARG;
    const auto place = config::map_url(*exchange_.target().site, url);
    return file_facts(place.directory->physical_path, url.substr(std::min(place.directory_length, url.size())),
                      pFacts);
}

HRESULT RequestContext::file_facts(const std::string& root, std::string_view relative, OSMIA_FILE_FACTS* pFacts) {
    if (pFacts == nullptr) return E_POINTER;
    *pFacts = {};
    pFacts->Descriptor = -1;
    auto file = services_.files().find(root, relative, coarse_now());
    if (file == nullptr) return errno == EACCES ? E_ACCESSDENIED : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    const struct stat& facts = file->facts;
    pFacts->fDirectory = S_ISDIR(facts.st_mode);
    pFacts->Size = static_cast<ULONGLONG>(facts.st_size);
    pFacts->ModifiedSeconds = facts.st_mtim.tv_sec;
    pFacts->pszLastModified = file->last_modified.c_str();
    pFacts->pszETag = file->etag.c_str();
    if (file->has_content) pFacts->pvContent = file->content.data();
    if (file->fd) pFacts->Descriptor = file->fd.get();
    files_.push_back(std::move(file));
    return S_OK;
}

VOID RequestContext::GetStaticSettings(OSMIA_STATIC_SETTINGS* pSettings) {
    const config::StaticContentSection& section = *exchange_.target().configuration->static_content;
    *pSettings = {};
    const std::string_view name = exchange_.script_name();
    if (const std::string* type = section.mime_type(name.substr(name.find_last_of('/') + 1)))
        pSettings->pszMimeType = keep(*type, nullptr);
    pSettings->fSetETag = section.set_etag;
    std::string cache_control = section.cache_control_custom;
    const auto add = [&](std::string_view value) {
        cache_control = cache_control.empty() ? std::string(value) : std::string(value) + "," + cache_control;
    };
    switch (section.cache_control_mode) {
        case config::CacheControlMode::NoControl:
            break;
        case config::CacheControlMode::DisableCache:
            add("no-cache");
            break;
        case config::CacheControlMode::UseMaxAge:
            add("max-age=" +
                std::to_string(
                    std::chrono::duration_cast<std::chrono::seconds>(section.cache_control_max_age).count()));
            break;
        case config::CacheControlMode::UseExpires:
            pSettings->pszExpires = keep(section.http_expires, nullptr);
            break;
    }
    if (!cache_control.empty()) pSettings->pszCacheControl = keep(cache_control, nullptr);
}

PCSTR RequestContext::GetDefaultDocument(DWORD dwIndex) {
    const config::DefaultDocumentSection& section = *exchange_.target().configuration->default_document;
    if (!section.enabled || dwIndex >= section.files.size()) return nullptr;
    return section.files[dwIndex].c_str();
}

BOOL RequestContext::IsFile(PCSTR pszUrl) {
    const std::string_view url = pszUrl == nullptr ? "" : pszUrl;
    if (!url.starts_with('/')) return FALSE;
    const auto place = config::map_url(*exchange_.target().site, url);
    return probe_beneath(place.directory->physical_path,
                         url.substr(std::min(place.directory_length, url.size()))) == FileKind::File;
}

HRESULT RequestContext::WriteFileRange(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) {
    BodyChunk chunk;
    for (const auto& file : files_) {
        if (file->fd && file->fd.get() == iDescriptor) chunk.keeper = std::shared_ptr<const UniqueFd>(file, &file->fd);
    }
    if (chunk.keeper == nullptr) chunk.keeper = std::make_shared<UniqueFd>(::fcntl(iDescriptor, F_DUPFD_CLOEXEC, 3));
    chunk.fd = chunk.keeper->get();
    if (chunk.fd < 0) return HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE);
    chunk.offset = cbOffset;
    chunk.length = cbLength;
    exchange_.response().chunks.push_back(std::move(chunk));
    return S_OK;
}

HRESULT RequestContext::WriteBody(const VOID* pvData, DWORD cbData) {
    if (pvData == nullptr && cbData != 0) return E_INVALIDARG;
    exchange_.response().append({static_cast<const char*>(pvData), cbData});
    return S_OK;
}

HRESULT RequestContext::GetBodyPiece(DWORD dwIndex, OSMIA_BODY_PIECE* pPiece) {
    const auto& chunks = exchange_.response().chunks;
    if (pPiece == nullptr || dwIndex >= chunks.size()) return E_INVALIDARG;
    const BodyChunk& chunk = chunks[dwIndex];
    *pPiece = {nullptr, chunk.fd, chunk.offset, chunk.size()};
    if (chunk.fd < 0) pPiece->pvData = chunk.borrowed != nullptr ? chunk.borrowed : chunk.owned.data();
    return S_OK;
}

ULONGLONG RequestContext::GetContentLength() {
    const std::uint64_t length = exchange_.content_length();
    return length == wire::UnknownLength ? OSMIA_UNKNOWN_LENGTH : length;
}

DWORD RequestContext::GetReadAheadSize() {
    return exchange_.target().configuration->server_runtime->upload_read_ahead_size;
}

DWORD RequestContext::GetAvailableBytes() {
    return static_cast<DWORD>(
        std::min<std::size_t>(exchange_.body_available(), std::numeric_limits<DWORD>::max()));
}

HRESULT RequestContext::ReadBody(PVOID pvBuffer, DWORD cbBuffer, DWORD* pcbRead) {
    if (pvBuffer == nullptr || pcbRead == nullptr) return E_INVALIDARG;
    *pcbRead = 0;
    const auto result = exchange_.read_body({static_cast<std::byte*>(pvBuffer), cbBuffer});
    if (!result.ok()) return to_hresult(result.error());
    *pcbRead = static_cast<DWORD>(result.value());
    return S_OK;
}

HRESULT RequestContext::ReadBodyAsync(PVOID pvBuffer, DWORD cbBuffer, OSMIA_IO_ROUTINE pfnRoutine,
                                      PVOID pvContext) {
    if (pvBuffer == nullptr || pfnRoutine == nullptr) return E_INVALIDARG;
    if (exchange_.holds_body()) {
        services_.post([this, pvBuffer, cbBuffer, pfnRoutine, pvContext] {
            const auto result = exchange_.read_body({static_cast<std::byte*>(pvBuffer), cbBuffer});
            pfnRoutine(pvContext, static_cast<DWORD>(result.ok() ? result.value() : 0), S_OK);
        });
        return S_OK;
    }
    exchange_.read_body_async({static_cast<std::byte*>(pvBuffer), cbBuffer},
                              [pfnRoutine, pvContext](Result<std::size_t> result) {
                                  if (result.ok())
                                      return pfnRoutine(pvContext, static_cast<DWORD>(result.value()), S_OK);
                                  pfnRoutine(pvContext, 0, to_hresult(result.error()));
                              });
    return S_OK;
}

HRESULT RequestContext::RawSendHead(PCSTR pszStatus, PCSTR pszHeaders, DWORD cchHeaders,
                                    BOOL fKeepConnection) {
    const std::string_view status = pszStatus == nullptr ? std::string_view() : pszStatus;
    const std::string_view headers =
        pszHeaders == nullptr ? std::string_view() : std::string_view(pszHeaders, cchHeaders);
    return to_result(raw_.set_head(status, headers, fKeepConnection != FALSE));
}

HRESULT RequestContext::RawWrite(const VOID* pvData, DWORD cbData) {
    if (pvData == nullptr && cbData != 0) return E_INVALIDARG;
    if (exchange_.session().client_is_gone()) return HRESULT_FROM_WIN32(ERROR_NETNAME_DELETED);
    return to_result(raw_.write({static_cast<const char*>(pvData), cbData}));
}

HRESULT RequestContext::RawWriteFile(int iDescriptor, ULONGLONG cbOffset, ULONGLONG cbLength) {
    return to_result(raw_.write_file(iDescriptor, cbOffset, cbLength));
}

HRESULT RequestContext::RawFlush() {
    return to_result(raw_.flush());
}

VOID RequestContext::RawSetBuffering(BOOL fBuffered) {
    exchange_.response().buffered = fBuffered != FALSE;
}

HRESULT RequestContext::RawEnd() {
    return to_result(raw_.end());
}

HRESULT RequestContext::NotifyWhenSent(OSMIA_IO_ROUTINE pfnRoutine, PVOID pvContext) {
    if (pfnRoutine == nullptr) return E_INVALIDARG;
    exchange_.session().when_sent([pfnRoutine, pvContext](const Result<void>& result) {
        pfnRoutine(pvContext, 0, result.ok() ? S_OK : HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
    });
    return S_OK;
}

VOID RequestContext::CloseConnection(BOOL fAtOnce) {
    exchange_.response().disconnect = true;
    exchange_.session().disconnect(fAtOnce != FALSE);
}

HRESULT RequestContext::RawFinish() {
    return to_result(raw_.finish());
}

VOID RequestContext::RawSetCustomErrors(BOOL fAllowed) {
    exchange_.response().skip_error_page = fAllowed == FALSE;
}

VOID RequestContext::CloseAbortively() {
    exchange_.response().disconnect = exchange_.response().reset_at_end = true;
}

VOID RequestContext::SetEntity(const VOID* pvData, DWORD cbData) {
    exchange_.set_entity({static_cast<const char*>(pvData), cbData});
}

}  // namespace osmia::worker
