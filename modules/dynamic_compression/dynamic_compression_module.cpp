// DynamicCompressionModule: compresses what programs answer, while it is sent.
#include <osmia_module.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "compression/accept_encoding.h"
#include "compression/compression_settings.h"
#include "compression/cpu_usage.h"
#include "compression/encoder.h"

namespace dynamic_compression {

namespace {

using compression::Encoder;

/// An answer with more than this at once (a large file that a program sends) is left as it is: its compressed bytes would
/// have to lie in memory.
constexpr ULONGLONG MaxPendingBytes = 16 << 20;

OsmiaSettings<compression::CompressionSettings> settings_of;
OsmiaSettings<compression::UrlSettings> url_settings_of;
compression::CpuGate cpu;

class DynamicCompressionModule final : public OsmiaHttpModule<DynamicCompressionModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnSendResponse(IHttpContext* pContext, ISendResponseProvider* pProvider) override {
        IOsmiaContext& face = osmia(*pContext);
        const bool more = (pProvider->GetFlags() & HTTP_SEND_RESPONSE_FLAG_MORE_DATA) != 0;
        if (pProvider->GetHeadersBeingSent() != FALSE) begin(*pContext, face);
        if (encoder_ == nullptr) return RQ_NOTIFICATION_CONTINUE;
        std::string out;
        const bool works = encode_pieces(face, out) && encoder_->encode({}, more ? Encoder::After::Flush : Encoder::After::End, out);
        face.ClearBody();
        if (!works) {
            pContext->GetResponse()->ResetConnection();
            return RQ_NOTIFICATION_CONTINUE;
        }
        if (!out.empty()) face.WriteBody(out.data(), static_cast<DWORD>(out.size()));
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    void begin(IHttpContext& context, IOsmiaContext& face) {
        const auto& settings = settings_of.get(face);
        IHttpResponse& response = *context.GetResponse();
        USHORT status = 0;
        response.GetStatus(&status);
        const PCSTR type = response.GetHeader(HttpHeaderContentType);
        if (status < 200 || status == 204 || status == 206 || status == 304 || type == nullptr) return;
        if (!url_settings_of.get(face).answers || response.GetHeader(HttpHeaderContentEncoding) != nullptr || is_file(context)) return;
        if (!settings.dynamic_types.allows(type) || settings.answer_schemes.empty()) return;
        compression::add_vary(context);
        const std::string_view method = context.GetRequest()->GetHttpMethod();
        if (method == "HEAD" || !compression::may_compress(context, settings)) return;
        const std::string_view chosen = compression::choose(header(context, HttpHeaderAcceptEncoding), settings.answer_schemes);
        if (chosen.empty() || pending(face) > MaxPendingBytes || !cpu.is_open(settings.dynamic_disable_cpu, settings.dynamic_enable_cpu)) return;
        encoder_ = Encoder::create(chosen, settings.scheme(chosen).answer_level);
        compression::set_headers(context, settings, chosen);
    }

    // Files are StaticCompressionModule's, with a copy on disk.
    static bool is_file(IHttpContext& context) {
        IScriptMapInfo* const handler = context.GetScriptMap();
        return handler != nullptr && std::u16string_view(handler->GetModules()).find(u"StaticFileModule") != std::u16string_view::npos &&
               context.GetResponse()->GetHeader(HttpHeaderLastModified) != nullptr;
    }

    static ULONGLONG pending(IOsmiaContext& face) {
        ULONGLONG bytes = 0;
        for (DWORD i = 0; i < face.GetBodyPieceCount(); ++i) {
            OSMIA_BODY_PIECE piece{};
            face.GetBodyPiece(i, &piece);
            bytes += piece.cbLength;
        }
        return bytes;
    }

    bool encode_pieces(IOsmiaContext& face, std::string& out) {
        for (DWORD i = 0; i < face.GetBodyPieceCount(); ++i) {
            OSMIA_BODY_PIECE piece{};
            face.GetBodyPiece(i, &piece);
            if (piece.pvData != nullptr) {
                if (!encoder_->encode({static_cast<const char*>(piece.pvData), piece.cbLength}, Encoder::After::Nothing, out)) return false;
            } else if (!encode_file(piece, out)) {
                return false;
            }
        }
        return true;
    }

    bool encode_file(OSMIA_BODY_PIECE piece, std::string& out) {
        std::array<char, 65536> buffer;
        while (piece.cbLength > 0) {
            const ssize_t got = ::pread(piece.Descriptor, buffer.data(), std::min<ULONGLONG>(buffer.size(), piece.cbLength), static_cast<off_t>(piece.cbOffset));
            if (got <= 0 || !encoder_->encode({buffer.data(), static_cast<std::size_t>(got)}, Encoder::After::Nothing, out)) return false;
            piece.cbOffset += static_cast<ULONGLONG>(got);
            piece.cbLength -= static_cast<ULONGLONG>(got);
        }
        return true;
    }

    std::unique_ptr<Encoder> encoder_;
};

}  // namespace

}  // namespace dynamic_compression

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    HRESULT opened = dynamic_compression::settings_of.open(pServer, pModuleInfo, "system.webServer/httpCompression");
    if (SUCCEEDED(opened)) opened = dynamic_compression::url_settings_of.open(pServer, pModuleInfo, "system.webServer/urlCompression");
    if (FAILED(opened)) return opened;
    // Inverted for this event: nobody changes the bytes after us.
    pModuleInfo->SetPriorityForRequestNotification(RQ_SEND_RESPONSE, PRIORITY_ALIAS_FIRST);
    return OsmiaRegister<dynamic_compression::DynamicCompressionModule>(pModuleInfo, RQ_SEND_RESPONSE);
}
