/// \file
/// <httpCompression> and <urlCompression> as both modules want them.
#pragma once

#include <osmia_host.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace compression {

/// MIME types in lower case; "text/*" and "*/*" are patterns. The most specific entry counts.
class MimeTypes {
public:
    explicit MimeTypes(const IOsmiaElement& list);
    /// \a content_type may have parameters.
    bool allows(std::string_view content_type) const;

private:
    std::vector<std::pair<std::string, bool>> types_;
};

struct Scheme {
    std::string name;
    bool for_files, for_answers;
    unsigned file_level, answer_level;
};

struct CompressionSettings {
    explicit CompressionSettings(const IOsmiaElement& section);

    /// The names of the schemes that are on for files, or for answers, in their order.
    std::vector<std::string> file_schemes, answer_schemes;
    const Scheme& scheme(std::string_view name) const;

    std::vector<Scheme> schemes;
    MimeTypes static_types, dynamic_types;
    std::string directory, expires_header, cache_control_header;
    bool send_cache_headers, limits_disk_space, ignore_hit_frequency;
    bool not_for_http10, not_for_proxies, not_for_ranges;
    std::uint64_t max_disk_bytes, min_file_size;
    unsigned static_disable_cpu, static_enable_cpu, dynamic_disable_cpu, dynamic_enable_cpu;
};

struct UrlSettings {
    explicit UrlSettings(const IOsmiaElement& section)
        : files(section.GetFlag("doStaticCompression") != FALSE), answers(section.GetFlag("doDynamicCompression") != FALSE) {}
    bool files, answers;
};

/// Whether this client may get compressed bytes at all (HTTP/1.0, proxies, ranges).
bool may_compress(IHttpContext& context, const CompressionSettings& settings);

/// The response headers of a compressed answer: Content-Encoding, a weak ETag, no length, perhaps cache headers.
void set_headers(IHttpContext& context, const CompressionSettings& settings, std::string_view scheme);

/// Adds Accept-Encoding to Vary, unless it is there.
void add_vary(IHttpContext& context);

}  // namespace compression
