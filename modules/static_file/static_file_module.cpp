// StaticFileModule: GET and HEAD of files.
#include <osmia_module.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

#include "static_file/byte_range.h"
#include "static_file/conditions.h"

namespace static_file {

namespace {

/// Files up to this size are read here and sent as bytes: cheaper than passing a descriptor.
constexpr ULONGLONG InlineLimit = 32 * 1024;

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

        ByteRange range;
        if (const auto wanted = header(HttpHeaderRange);
            !wanted.empty() && range_applies(conditions, validators)) {
            range = parse_range(wanted, facts.Size);
        }
        const std::string size = std::to_string(facts.Size);
        if (range.kind == ByteRange::Kind::Unsatisfiable) {
            set("Content-Range", "bytes */" + size);
            return answer(416);
        }
        set("Content-Type", settings.pszMimeType);
        if (range.kind == ByteRange::Kind::Part) {
            set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                     std::to_string(range.first + range.length - 1) + "/" + size);
            return send(facts.Descriptor, range.first, range.length, 206);
        }
        return send(facts.Descriptor, 0, facts.Size, 200);
    }

    REQUEST_NOTIFICATION_STATUS send(int file, ULONGLONG first, ULONGLONG length, USHORT status) {
        if (length <= InlineLimit && length > 0) {
            void* memory = http_context_->AllocateRequestMemory(static_cast<DWORD>(length));
            const ssize_t got =
                memory == nullptr ? -1 : ::pread(file, memory, length, static_cast<off_t>(first));
            // A file that shrinks under our hands is not what its head announces.
            if (got != static_cast<ssize_t>(length)) return answer(500);
            HTTP_DATA_CHUNK chunk{};
            chunk.DataChunkType = HttpDataChunkFromMemory;
            chunk.FromMemory.pBuffer = memory;
            chunk.FromMemory.BufferLength = static_cast<ULONG>(length);
            response_->WriteEntityChunkByReference(&chunk);
        } else if (length > 0 && FAILED(context_->WriteFileRange(file, first, length))) {
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
