/// \file
/// Well-known header fields: their names and a fast, case-insensitive look-up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace osmia::http {

/// A well-known header field; Other for every name not listed. Values are carried between processes: append
/// only.
// clang-format off
enum class HeaderId : std::uint8_t {
    Other,
    // General and content fields.
    CacheControl, Connection, Date, KeepAlive, Pragma, Trailer, TransferEncoding, Upgrade, Via, Warning,
    Allow, ContentLength, ContentType, ContentEncoding, ContentLanguage, ContentLocation, ContentMd5,
    ContentRange, Expires, LastModified,
    // Request fields.
    Accept, AcceptCharset, AcceptEncoding, AcceptLanguage, Authorization, Cookie, Expect, From, Host,
    IfMatch, IfModifiedSince, IfNoneMatch, IfRange, IfUnmodifiedSince, MaxForwards, ProxyAuthorization,
    Referer, Range, Te, Translate, UserAgent, Origin, ProxyConnection, Http2Settings, Traceparent,
    Tracestate, XForwardedFor, XForwardedProto, XForwardedHost, XRequestedWith, UpgradeInsecureRequests,
    SecFetchDest, SecFetchMode, SecFetchSite, SecFetchUser,
    // Response fields.
    AcceptRanges, Age, Etag, Location, ProxyAuthenticate, RetryAfter, Server, SetCookie, Vary,
    WwwAuthenticate, ContentDisposition, StrictTransportSecurity, AccessControlAllowOrigin,
    AltSvc, XPoweredBy,
    Count  ///< the number of enumerators; not a field
};
// clang-format on

inline constexpr std::size_t HeaderIdCount = static_cast<std::size_t>(HeaderId::Count);

/// The field's name in its registered spelling; empty for Other.
std::string_view header_name(HeaderId id);

/// The well-known field of that name, in any letter case. One hash probe and one comparison in the common
/// case.
HeaderId find_header_id(std::string_view name);

}  // namespace osmia::http
