/// \file
/// Why the listener itself ended or refused a request: the reasons of the HTTPERR log (Microsoft Learn,
/// "Error logging in HTTP APIs").
#pragma once

#include <cstdint>
#include <string_view>

namespace osmia::http {

/// One reason. Values are carried between processes: append only.
// clang-format off
enum class ErrorReason : std::uint8_t {
    None,
    // The parser's.
    BadRequest, Verb, Url, UrlLength, FieldLength, RequestLength, Header, Hostname, InvalidCrLf, Number,
    VersionNotSupported, NotImplemented, LengthRequired, EntityTooLarge, Precondition, Forbidden, Internal,
    // The queue's and the connection's.
    AppOffline, AppPoolTimer, AppShutdown, ConnLimit, Disabled, QueueFull, NotAvailable, ClientReset,
    ConnectionAbandonedByAppPool, ConnectionAbandonedByReqQueue, ConnectionDropped, ConnectionDroppedListFull,
    ConnectionsRefused,
    // Timers.
    TimerAppPool, TimerConnectionIdle, TimerEntityBody, TimerHeaderWait, TimerMinBytesPerSecond,
    TimerReqQueue, TimerResponse, TimerSslRenegotiation,
    Count  ///< the number of enumerators; not a reason
};
// clang-format on

/// The reason as the log spells it ("Invalid_CR/LF"); "-" for None.
std::string_view reason_name(ErrorReason reason);

}  // namespace osmia::http
