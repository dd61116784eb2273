/// \file
/// HeadInterpreter: what a request's fields mean for its framing, its host and its connection. Internal to
/// http1.
#pragma once

#include <cstdint>
#include <string_view>

#include "http1/request_error.h"
#include "http1/request_head.h"

namespace osmia::http1 {

/// Looks once at every field of a head whose lines are all read, and fills in framing, host and connection.
/// Used once.
class HeadInterpreter {
public:
    HeadInterpreter(RequestHead& head, std::uint64_t max_content_bytes)
        : head_(head), max_content_bytes_(max_content_bytes) {}

    /// False with error() set when the head as a whole is refused.
    bool interpret();
    RequestError error() const { return error_; }

private:
    bool read_field(FieldEntry& entry);
    bool read_host(FieldEntry& entry);
    bool read_content_length(std::string_view value);
    bool read_transfer_encoding(std::string_view value);
    void read_connection(std::string_view value);
    bool check_host();
    bool check_framing();
    bool check_expectation();
    bool fail(std::uint16_t status, http::ErrorReason reason);

    RequestHead& head_;
    std::uint64_t max_content_bytes_;
    RequestError error_;
    bool has_host_ = false;
    bool has_content_length_ = false;
    bool has_transfer_encoding_ = false;
    bool has_upgrade_ = false;
    bool has_expect_ = false;
    bool has_other_expectation_ = false;
    bool option_close_ = false;
    bool option_keep_alive_ = false;
    bool option_upgrade_ = false;
};

}  // namespace osmia::http1
