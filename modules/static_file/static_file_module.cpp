// StaticFileModule: GET and HEAD of files.
#include <osmia_module.h>

#include <cstring>
#include <string>
#include <string_view>

#include "static_file/byte_range.h"
#include "static_file/conditions.h"
#include "static_file/multi_range.h"

namespace static_file {

namespace {

// A segment with a dot in front: .git, .env. /.well-known/ is for the world (RFC 8615).
bool is_hidden(std::string_view path) {
    for (auto dot = path.find("/."); dot != path.npos; dot = path.find("/.", dot + 1)) {
        if (!path.substr(dot).starts_with("/.well-known/")) return true;
    }
    return false;
}

class StaticFileModule final : public OsmiaHttpModule<StaticFileModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnExecuteRequestHandler(IHttpContext* pContext,
                                                        IHttpEventProvider*) override {
        context_ = &osmia(*pContext);
        request_ = pContext->GetRequest();
        response_ = pContext->GetResponse();
        http_context_ = pContext;
        return serve();
    }

private:
    void set(PCSTR name, std::string_view value) {
        response_->SetHeader(name, value.data(), static_cast<USHORT>(value.size()), TRUE);
    }
    std::string_view header(HTTP_HEADER_ID id) const {
        USHORT length = 0;
        const PCSTR value = request_->GetHeader(id, &length);
        return value == nullptr ? std::string_view() : std::string_view(value, length);
    }
    REQUEST_NOTIFICATION_STATUS answer(USHORT status, USHORT substatus = 0) {
        response_->SetStatus(status, "", substatus);
        http_context_->SetRequestHandled();
        return RQ_NOTIFICATION_CONTINUE;
    }

    REQUEST_NOTIFICATION_STATUS serve() {
        OSMIA_FILE_FACTS facts{};
        const HRESULT found = context_->GetFileFacts(&facts);
        if (found == E_ACCESSDENIED) return answer(401, 3);
        if (FAILED(found)) return RQ_NOTIFICATION_CONTINUE;
        DWORD length = 0;
        const PCSTR path = context_->GetText(OSMIA_TEXT_URL_PATH, &length);
        if (is_hidden({path, length})) return answer(404, 9);
        const std::string_view method = request_->GetHttpMethod();
        const bool readable = method == "GET" || method == "HEAD";
        if (facts.fDirectory != FALSE) return readable ? serve_folder() : RQ_NOTIFICATION_CONTINUE;
        if (!readable) {
            set("Allow", "GET, HEAD");
            return answer(405);
        }
        OSMIA_STATIC_SETTINGS settings{};
        context_->GetStaticSettings(&settings);
        if (settings.pszMimeType == nullptr) return answer(404, 3);
        return serve_file(facts, settings);
    }

    // A folder without its slash is redirected, so that relative links in its pages work; with it, it is the
    // next module's.
    REQUEST_NOTIFICATION_STATUS serve_folder() {
        DWORD length = 0;
        const std::string path = context_->GetText(OSMIA_TEXT_URL_PATH, &length);
        if (path.ends_with('/')) return RQ_NOTIFICATION_CONTINUE;
        std::string location = OsmiaEncodePath(path) + "/";
        if (const std::string query = context_->GetText(OSMIA_TEXT_QUERY); !query.empty())
            location += "?" + query;
        response_->Redirect(location.c_str());
        return answer(301);
    }

    REQUEST_NOTIFICATION_STATUS serve_file(const OSMIA_FILE_FACTS& facts,
                                           const OSMIA_STATIC_SETTINGS& settings) {
        const Conditions conditions{header(HttpHeaderIfMatch), header(HttpHeaderIfNoneMatch),
                                    header(HttpHeaderIfModifiedSince), header(HttpHeaderIfUnmodifiedSince),
                                    header(HttpHeaderIfRange)};
        const Validators validators{facts.pszETag, facts.ModifiedSeconds};
        if (settings.fSetETag != FALSE) set("ETag", facts.pszETag);
        set("Last-Modified", facts.pszLastModified);
        set("Accept-Ranges", "bytes");
        if (settings.pszCacheControl != nullptr) set("Cache-Control", settings.pszCacheControl);
        if (settings.pszExpires != nullptr) set("Expires", settings.pszExpires);
        const unsigned verdict = evaluate(conditions, validators);
        if (verdict != 200) return answer(static_cast<USHORT>(verdict));

        const auto wanted = header(HttpHeaderRange);
        const bool counts = !wanted.empty() && method_is_get() && range_applies(conditions, validators);
        const auto parts = counts ? parse_ranges(wanted, facts.Size) : std::nullopt;
        if (parts && parts->empty()) {
            set("Content-Range", "bytes */" + std::to_string(facts.Size));
            return answer(416);
        }
        if (parts && parts->size() > 1) return send_parts(facts, settings.pszMimeType, *parts);
        set("Content-Type", settings.pszMimeType);
        if (parts) {
            set("Content-Range", content_range(parts->front(), facts.Size));
            return send(facts, parts->front().first, parts->front().length, 206);
        }
        return send(facts, 0, facts.Size, 200);
    }

    bool method_is_get() const { return std::string_view(request_->GetHttpMethod()) == "GET"; }

    HRESULT write(const OSMIA_FILE_FACTS& facts, const ByteRange& part) {
        if (facts.pvContent == nullptr) return context_->WriteFileRange(facts.Descriptor, part.first, part.length);
        context_->WriteBody(static_cast<const char*>(facts.pvContent) + part.first, static_cast<DWORD>(part.length));
        return S_OK;
    }

    // The boundary is the request's id, which no file can know.
    REQUEST_NOTIFICATION_STATUS send_parts(const OSMIA_FILE_FACTS& facts, PCSTR type, const std::vector<ByteRange>& parts) {
        const Multipart multipart(context_->GetText(OSMIA_TEXT_REQUEST_ID), type, facts.Size);
        ULONGLONG length = 0;
        const auto write_text = [&](const std::string& text) {
            length += text.size();
            context_->WriteBody(text.data(), static_cast<DWORD>(text.size()));
        };
        for (const ByteRange& part : parts) {
            write_text(multipart.before(part));
            length += part.length;
            if (FAILED(write(facts, part))) return answer(500);
        }
        write_text(multipart.end());
        set("Content-Type", multipart.content_type());
        set("Content-Length", std::to_string(length));
        return answer(206);
    }

    REQUEST_NOTIFICATION_STATUS send(const OSMIA_FILE_FACTS& facts, ULONGLONG first, ULONGLONG length, USHORT status) {
        if (length > 0 && facts.pvContent != nullptr) {
            HTTP_DATA_CHUNK chunk{};
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = const_cast<char*>(static_cast<const char*>(facts.pvContent)) + first;
            chunk.FromMemory.BufferLength = static_cast<ULONG>(length);
            response_->WriteEntityChunkByReference(&chunk);
        } else if (length > 0 && FAILED(context_->WriteFileRange(facts.Descriptor, first, length))) {
            return answer(500);
        }
        set("Content-Length", std::to_string(length));
        return answer(status);
    }

    IOsmiaContext* context_ = nullptr;
    IHttpContext* http_context_ = nullptr;
    IHttpRequest* request_ = nullptr;
    IHttpResponse* response_ = nullptr;
};

}  // namespace

}  // namespace static_file

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer*) {
    return OsmiaRegister<static_file::StaticFileModule>(pModuleInfo, RQ_EXECUTE_REQUEST_HANDLER);
}
