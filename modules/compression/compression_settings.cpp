#include "compression/compression_settings.h"

#include <algorithm>

#include "compression/encoder.h"

namespace compression {

namespace {

std::string lower_case(std::string_view text) {
    std::string lower;
    for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return lower;
}

bool flag(const IOsmiaElement& element, PCSTR name) {
    return element.GetFlag(name) != FALSE;
}

unsigned number(const IOsmiaElement& element, PCSTR name) {
    return static_cast<unsigned>(element.GetNumber(name));
}

}  // namespace

MimeTypes::MimeTypes(const IOsmiaElement& list) {
    for (DWORD i = 0; i < list.GetItemCount(); ++i)
        types_.emplace_back(lower_case(list.GetItem(i).GetText("mimeType")), list.GetItem(i).GetFlag("enabled") != FALSE);
}

bool MimeTypes::allows(std::string_view content_type) const {
    std::string type = lower_case(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    const std::string group = type.substr(0, type.find('/')) + "/*";
    for (const std::string& wanted : {type, group, std::string("*/*")}) {
        const auto found = std::find_if(types_.begin(), types_.end(), [&](const auto& entry) { return entry.first == wanted; });
        if (found != types_.end()) return found->second;
    }
    return false;
}

CompressionSettings::CompressionSettings(const IOsmiaElement& section)
    : static_types(section.GetChild("staticTypes")),
      dynamic_types(section.GetChild("dynamicTypes")),
      directory(section.GetText("directory")),
      expires_header(section.GetText("expiresHeader")),
      cache_control_header(section.GetText("cacheControlHeader")),
      send_cache_headers(flag(section, "sendCacheHeaders")),
      limits_disk_space(flag(section, "doDiskSpaceLimiting")),
      ignore_hit_frequency(flag(section, "staticCompressionIgnoreHitFrequency")),
      not_for_http10(flag(section, "noCompressionForHttp10")),
      not_for_proxies(flag(section, "noCompressionForProxies")),
      not_for_ranges(flag(section, "noCompressionForRange")),
      max_disk_bytes(std::uint64_t{number(section, "maxDiskSpaceUsage")} << 20),
      min_file_size(number(section, "minFileSizeForComp")),
      static_disable_cpu(number(section, "staticCompressionDisableCpuUsage")),
      static_enable_cpu(number(section, "staticCompressionEnableCpuUsage")),
      dynamic_disable_cpu(number(section, "dynamicCompressionDisableCpuUsage")),
      dynamic_enable_cpu(number(section, "dynamicCompressionEnableCpuUsage")) {
    for (DWORD i = 0; i < section.GetItemCount(); ++i) {
        const IOsmiaElement& item = section.GetItem(i);
        Scheme found{lower_case(item.GetText("name")), flag(item, "doStaticCompression"), flag(item, "doDynamicCompression"),
                     number(item, "staticCompressionLevel"), number(item, "dynamicCompressionLevel")};
        if (Encoder::create(found.name, 1) == nullptr) continue;
        if (found.for_files) file_schemes.push_back(found.name);
        if (found.for_answers) answer_schemes.push_back(found.name);
        schemes.push_back(std::move(found));
    }
}

const Scheme& CompressionSettings::scheme(std::string_view name) const {
    return *std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& entry) { return entry.name == name; });
}

bool may_compress(IHttpContext& context, const CompressionSettings& settings) {
    IHttpRequest& request = *context.GetRequest();
    USHORT major = 0, minor = 0;
    request.GetHttpVersion(&major, &minor);
    if (settings.not_for_http10 && major == 1 && minor == 0) return false;
    if (settings.not_for_proxies && request.GetHeader(HttpHeaderVia) != nullptr) return false;
    if (settings.not_for_ranges && request.GetHeader(HttpHeaderRange) != nullptr) return false;
    const PCSTR cache = context.GetResponse()->GetHeader(HttpHeaderCacheControl);
    return cache == nullptr || lower_case(cache).find("no-transform") == std::string::npos;
}

void set_headers(IHttpContext& context, const CompressionSettings& settings, std::string_view scheme) {
    IHttpResponse& response = *context.GetResponse();
    const auto set = [&](PCSTR name, std::string_view value) {
        response.SetHeader(name, value.data(), static_cast<USHORT>(value.size()), TRUE);
    };
    set("Content-Encoding", scheme);
    response.DeleteHeader("Content-Length");
    response.DeleteHeader("Accept-Ranges");
    // RFC 9110 section 8.8.3.3: other bytes, so no longer the strong tag.
    USHORT size = 0;
    if (const PCSTR etag = response.GetHeader(HttpHeaderEtag, &size); etag != nullptr && size != 0 && etag[0] == '"')
        set("ETag", "W/" + std::string(etag, size));
    if (!settings.send_cache_headers) return;
    if (!settings.expires_header.empty()) set("Expires", settings.expires_header);
    if (!settings.cache_control_header.empty()) set("Cache-Control", settings.cache_control_header);
}

void add_vary(IHttpContext& context) {
    IHttpResponse& response = *context.GetResponse();
    const PCSTR vary = response.GetHeader(HttpHeaderVary);
    const std::string known = vary == nullptr ? "" : lower_case(vary);
    if (known == "*" || known.find("accept-encoding") != known.npos) return;
    const std::string value = known.empty() ? "Accept-Encoding" : std::string(vary) + ", Accept-Encoding";
    response.SetHeader("Vary", value.data(), static_cast<USHORT>(value.size()), TRUE);
}

}  // namespace compression
