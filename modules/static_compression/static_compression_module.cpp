// StaticCompressionModule: sends a compressed copy instead of a file that is asked for often.
#include <fcntl.h>
#include <osmia_module.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "compression/accept_encoding.h"
#include "compression/compression_settings.h"
#include "compression/cpu_usage.h"
#include "static_compression/compressed_files.h"

namespace static_compression {

namespace {

IOsmiaHost* host = nullptr;
std::string pool_name;
compression::CpuGate cpu;

std::string folder_for(const std::string& configured) {
    if (!configured.empty()) return configured + "/" + pool_name;
    const char* const base = std::getenv("TMPDIR");
    return std::string(base == nullptr ? "/tmp" : base) + "/compressed-" + pool_name;
}

struct Settings : compression::CompressionSettings {
    explicit Settings(const IOsmiaElement& section)
        : CompressionSettings(section),
          files(std::make_shared<CompressedFiles>(folder_for(directory), limits_disk_space ? max_disk_bytes : ~std::uint64_t{0})) {
        if (!files->works())
            host->WriteLog(("static compression is off: " + folder_for(directory) + " cannot be made, or others may write to it").c_str());
    }
    std::shared_ptr<CompressedFiles> files;
};

struct HitSettings {
    explicit HitSettings(const IOsmiaElement& section)
        : threshold(static_cast<unsigned>(section.GetNumber("frequentHitThreshold"))), period(section.GetNumber("frequentHitTimePeriod")) {}
    unsigned threshold;
    std::chrono::milliseconds period;
};

OsmiaSettings<Settings> settings_of;
OsmiaSettings<compression::UrlSettings> url_settings_of;
OsmiaSettings<HitSettings> hit_settings_of;

/// What the pool thread needs to make a copy.
struct Job {
    std::shared_ptr<CompressedFiles> files;
    Wanted wanted;
    int file;
    static VOID run(PVOID self) {
        const std::unique_ptr<Job> job(static_cast<Job*>(self));
        job->files->make(job->wanted, job->file);
        ::close(job->file);
    }
};

class StaticCompressionModule final : public OsmiaHttpModule<StaticCompressionModule> {
public:
    REQUEST_NOTIFICATION_STATUS OnReleaseRequestState(IHttpContext* pContext, IHttpEventProvider*) override {
        IOsmiaContext& face = osmia(*pContext);
        IHttpResponse& response = *pContext->GetResponse();
        USHORT status = 0;
        response.GetStatus(&status);
        if (status != 200 || pContext->GetResponseHeadersSent() != FALSE || !is_file(*pContext)) return RQ_NOTIFICATION_CONTINUE;
        const Settings& settings = settings_of.get(face);
        const PCSTR type = response.GetHeader(HttpHeaderContentType);
        OSMIA_FILE_FACTS facts{};
        if (type == nullptr || !url_settings_of.get(face).files || !settings.static_types.allows(type) || settings.file_schemes.empty() ||
            response.GetHeader(HttpHeaderContentEncoding) != nullptr || FAILED(face.GetFileFacts(&facts)) || facts.fDirectory != FALSE)
            return RQ_NOTIFICATION_CONTINUE;
        if (facts.Size < settings.min_file_size || facts.Size > CompressedFiles::MaxFileBytes) return RQ_NOTIFICATION_CONTINUE;
        compression::add_vary(*pContext);
        if (settings.files->works() && compression::may_compress(*pContext, settings)) replace(*pContext, face, settings, facts);
        return RQ_NOTIFICATION_CONTINUE;
    }

private:
    static bool is_file(IHttpContext& context) {
        IScriptMapInfo* const handler = context.GetScriptMap();
        return handler != nullptr && std::u16string_view(handler->GetModules()).find(u"StaticFileModule") != std::u16string_view::npos;
    }

    static void replace(IHttpContext& context, IOsmiaContext& face, const Settings& settings, const OSMIA_FILE_FACTS& facts) {
        const std::string_view chosen = compression::choose(header(context, HttpHeaderAcceptEncoding), settings.file_schemes);
        if (chosen.empty()) return;
        const Wanted wanted{std::string(text(face, OSMIA_TEXT_PHYSICAL_PATH)), facts.pszETag, std::string(chosen), settings.scheme(chosen).file_level};
        std::uint64_t size = 0;
        const int copy = settings.files->open(wanted, size);
        if (copy < 0) return make_later(face, settings, wanted, facts);
        face.ClearBody();
        const bool works = SUCCEEDED(face.WriteFileRange(copy, 0, size));
        ::close(copy);
        if (!works) return static_cast<void>(refuse(context, 500));
        compression::set_headers(context, settings, chosen);
        set_header(context, "Content-Length", std::to_string(size));
    }

    // A descriptor that outlives the request; -1 when there is none to be had.
    static int keep(const OSMIA_FILE_FACTS& facts) {
        if (facts.pvContent == nullptr) return ::fcntl(facts.Descriptor, F_DUPFD_CLOEXEC, 3);
        const int copy = ::memfd_create("small-file", MFD_CLOEXEC);
        if (copy < 0 || ::write(copy, facts.pvContent, facts.Size) == static_cast<ssize_t>(facts.Size)) return copy;
        ::close(copy);
        return -1;
    }

    // The client that causes it does not wait for it.
    static void make_later(IOsmiaContext& face, const Settings& settings, const Wanted& wanted, const OSMIA_FILE_FACTS& facts) {
        if (!cpu.is_open(settings.static_disable_cpu, settings.static_enable_cpu)) return;
        const HitSettings& hits = hit_settings_of.get(face);
        if (!settings.files->is_due(wanted, settings.ignore_hit_frequency ? 1 : hits.threshold, hits.period)) return;
        auto* job = new Job{settings.files, wanted, keep(facts)};
        if (job->file < 0 || FAILED(host->QueueWork(&Job::run, job))) Job::run(job);
    }
};

}  // namespace

}  // namespace static_compression

HRESULT WINAPI RegisterModule(DWORD, IHttpModuleRegistrationInfo* pModuleInfo, IHttpServer* pServer) {
    namespace module = static_compression;
    module::host = OsmiaHost(pServer);
    for (PCWSTR name = pServer->GetAppPoolName(); *name != 0; ++name) module::pool_name += *name < 0x80 && *name != u'/' ? static_cast<char>(*name) : '_';
    HRESULT opened = module::settings_of.open(pServer, pModuleInfo, "system.webServer/httpCompression");
    if (SUCCEEDED(opened)) opened = module::url_settings_of.open(pServer, pModuleInfo, "system.webServer/urlCompression");
    if (SUCCEEDED(opened)) opened = module::hit_settings_of.open(pServer, pModuleInfo, "system.webServer/serverRuntime");
    if (FAILED(opened)) return opened;
    return OsmiaRegister<module::StaticCompressionModule>(pModuleInfo, RQ_RELEASE_REQUEST_STATE);
}
