/// \file
/// The HTTPERR log: one line for whatever the listener answered or ended itself (iis-config facts, section 5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "http/error_reason.h"

namespace osmia::listener {

struct ErrorLine {
    std::string_view client, server, version, method, url, pool;
    std::uint16_t client_port = 0, server_port = 0;
    unsigned status = 0;
    std::uint32_t site_id = 0;
    http::ErrorReason reason = http::ErrorReason::None;
    std::string_view request_id;
};

/// Collects lines and writes them at the end of a turn. Lines beyond MaxBuffered are dropped and counted. Reactor's
/// thread only.
class ErrorLog {
public:
    static constexpr std::size_t MaxBuffered = 1 << 20;
    void set_file(UniqueFd fd) { fd_ = std::move(fd); }
    void write(const ErrorLine& line);
    void flush();

private:
    UniqueFd fd_;
    std::string buffer_;
    std::uint64_t dropped_ = 0;
};

}  // namespace osmia::listener
