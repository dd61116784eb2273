/// \file
/// Limits on what an HTTP/2 client may do, with their names and defaults.
#pragma once

#include <cstdint>

#include "http/limits.h"

namespace osmia::http2 {

/// A bucket of tokens: `burst` at first and at most, `per_second` more each second.
struct Rate {
    std::uint32_t burst;
    std::uint32_t per_second;
};

struct Limits {
    std::uint32_t concurrent_streams = 100;      ///< SETTINGS_MAX_CONCURRENT_STREAMS; beyond: REFUSED_STREAM
    std::uint32_t stream_window = 64 * 1024;     ///< SETTINGS_INITIAL_WINDOW_SIZE: unread content of one stream
    std::uint32_t connection_window = 1024 * 1024;  ///< unread content of a connection; beyond: FLOW_CONTROL_ERROR
    std::uint32_t continuations = 8;             ///< CONTINUATION frames of one field section; beyond: the connection ends
    std::uint32_t settings_entries = 32;         ///< of one SETTINGS frame; beyond: the connection ends
    http::HeadLimits head;                       ///< as in HTTP/1.1; the request line is method and path

    // Floods: an empty bucket ends the connection with ENHANCE_YOUR_CALM.
    Rate resets{100, 20};         ///< RST_STREAM of streams that the server had not answered, and streams the client broke
    Rate control{100, 10};        ///< PING, SETTINGS, PRIORITY, PRIORITY_UPDATE
    Rate empty_frames{50, 5};     ///< DATA, HEADERS or CONTINUATION without content and without ending anything
    Rate window_updates{200, 50}; ///< WINDOW_UPDATE, besides two for each DATA frame that was sent
};

}  // namespace osmia::http2
