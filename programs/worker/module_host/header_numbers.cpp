#include <array>

#include "worker/module_host/request_adapter.h"

namespace osmia::worker {

namespace {

constexpr std::array<PCSTR, 20> BothNames = {"Cache-Control",
                                             "Connection",
                                             "Date",
                                             "Keep-Alive",
                                             "Pragma",
                                             "Trailer",
                                             "Transfer-Encoding",
                                             "Upgrade",
                                             "Via",
                                             "Warning",
                                             "Allow",
                                             "Content-Length",
                                             "Content-Type",
                                             "Content-Encoding",
                                             "Content-Language",
                                             "Content-Location",
                                             "Content-MD5",
                                             "Content-Range",
                                             "Expires",
                                             "Last-Modified"};
constexpr std::array<PCSTR, 21> RequestNames = {"Accept",
                                                "Accept-Charset",
                                                "Accept-Encoding",
                                                "Accept-Language",
                                                "Authorization",
                                                "Cookie",
                                                "Expect",
                                                "From",
                                                "Host",
                                                "If-Match",
                                                "If-Modified-Since",
                                                "If-None-Match",
                                                "If-Range",
                                                "If-Unmodified-Since",
                                                "Max-Forwards",
                                                "Proxy-Authorization",
                                                "Referer",
                                                "Range",
                                                "TE",
                                                "Translate",
                                                "User-Agent"};
constexpr std::array<PCSTR, 10> ResponseNames = {
    "Accept-Ranges", "Age",    "ETag",       "Location", "Proxy-Authenticate",
    "Retry-After",   "Server", "Set-Cookie", "Vary",     "WWW-Authenticate"};
constexpr std::array<PCSTR, 17> Verbs = {"OPTIONS",   "GET",     "HEAD",  "POST",   "PUT",   "DELETE",
                                         "TRACE",     "CONNECT", "TRACK", "MOVE",   "COPY",  "PROPFIND",
                                         "PROPPATCH", "MKCOL",   "LOCK",  "UNLOCK", "SEARCH"};

static_assert(BothNames.size() + RequestNames.size() == HttpHeaderRequestMaximum);
static_assert(BothNames.size() + ResponseNames.size() == HttpHeaderResponseMaximum);
static_assert(HttpVerbOPTIONS + Verbs.size() == HttpVerbMaximum);

}  // namespace

PCSTR request_header_name(HTTP_HEADER_ID id) {
    const auto index = static_cast<std::size_t>(id);
    if (index < BothNames.size()) return BothNames[index];
    return index < HttpHeaderRequestMaximum ? RequestNames[index - BothNames.size()] : nullptr;
}

PCSTR response_header_name(HTTP_HEADER_ID id) {
    const auto index = static_cast<std::size_t>(id);
    if (index < BothNames.size()) return BothNames[index];
    return index < HttpHeaderResponseMaximum ? ResponseNames[index - BothNames.size()] : nullptr;
}

HTTP_VERB verb_number(std::string_view method) {
    for (std::size_t i = 0; i < Verbs.size(); ++i) {
        if (method == Verbs[i]) return static_cast<HTTP_VERB>(HttpVerbOPTIONS + i);
    }
    return HttpVerbUnknown;
}

}  // namespace osmia::worker
