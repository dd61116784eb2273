#include "http/error_reason.h"

#include <array>
#include <cstddef>

namespace osmia::http {

namespace {

// clang-format off
constexpr std::array<std::string_view, static_cast<std::size_t>(ErrorReason::Count)> Names = {
    "-",
    "BadRequest", "Verb", "URL", "URL_Length", "FieldLength", "RequestLength", "Header", "Hostname",
    "Invalid_CR/LF", "Number", "Version_N/S", "N/I", "LengthRequired", "EntityTooLarge", "Precondition",
    "Forbidden", "Internal",
    "AppOffline", "AppPoolTimer", "AppShutdown", "ConnLimit", "Disabled", "QueueFull", "N/A", "Client_Reset",
    "Connection_Abandoned_By_AppPool", "Connection_Abandoned_By_ReqQueue", "Connection_Dropped",
    "Connection_Dropped_List_Full", "Connections_Refused",
    "Timer_AppPool", "Timer_ConnectionIdle", "Timer_EntityBody", "Timer_HeaderWait", "Timer_MinBytesPerSecond",
    "Timer_ReqQueue", "Timer_Response", "Timer_SslRenegotiation",
};
// clang-format on

}  // namespace

std::string_view reason_name(ErrorReason reason) {
    return Names[static_cast<std::size_t>(reason)];
}

}  // namespace osmia::http
