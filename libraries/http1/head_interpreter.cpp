#include "http1/head_interpreter.h"

#include "http/ascii.h"
#include "http_fields/content_length.h"
#include "http_fields/field_list.h"

namespace osmia::http1 {

using http::ErrorReason;
using http::HeaderId;
using http::Method;

bool HeadInterpreter::fail(std::uint16_t status, ErrorReason reason) {
    error_ = {status, reason};
    return false;
}

bool HeadInterpreter::interpret() {
    for (std::uint32_t i = 0; i < head_.field_count_; ++i) {
        FieldEntry& entry = head_.fields_[i];
        if (entry.id != HeaderId::Other && !read_field(entry)) return false;
    }
    if (!check_host() || !check_framing() || !check_expectation()) return false;
    const bool is_http11 = head_.version_ == Version::Http11;
    head_.keep_alive_ = !option_close_ && (is_http11 || option_keep_alive_);
    head_.wants_upgrade_ = is_http11 && has_upgrade_ && option_upgrade_;
    return true;
}

bool HeadInterpreter::read_field(FieldEntry& entry) {
    const std::string_view value = head_.value(entry);
    switch (entry.id) {
        case HeaderId::Host:
            return read_host(entry);
        case HeaderId::ContentLength:
            return read_content_length(value);
        case HeaderId::TransferEncoding:
            return read_transfer_encoding(value);
        case HeaderId::Connection:
            read_connection(value);
            return true;
        case HeaderId::Upgrade:
            has_upgrade_ = true;
            return true;
        case HeaderId::Expect:
            // A second Expect field makes a list of two, which is an expectation we do not know.
            has_other_expectation_ |= has_expect_ || !http::iequals(value, "100-continue");
            has_expect_ = true;
            return true;
        default:
            return true;
    }
}

/// RFC 9112 section 3.2: exactly one valid Host field; with an absolute target its value is ignored.
bool HeadInterpreter::read_host(FieldEntry& entry) {
    if (has_host_) return fail(400, ErrorReason::Hostname);
    has_host_ = true;
    const auto authority = http::parse_authority(head_.value(entry));
    if (!authority) return fail(400, ErrorReason::Hostname);
    if (head_.form_ == TargetForm::Absolute) {
        entry.value_offset = head_.authority_.offset;
        entry.value_length = head_.authority_.length;
        return true;
    }
    head_.authority_ = {entry.value_offset, entry.value_length};
    head_.host_ = {entry.value_offset, static_cast<std::uint32_t>(authority->host.size())};
    head_.host_port_ = authority->port;
    return true;
}

/// RFC 9112 section 6.3, rule 5; a repeated value, even the same one, is refused.
bool HeadInterpreter::read_content_length(std::string_view value) {
    if (has_content_length_) return fail(400, ErrorReason::BadRequest);
    has_content_length_ = true;
    const auto length = http_fields::parse_content_length(value);
    if (!length) return fail(400, ErrorReason::Number);
    head_.framing_ = BodyFraming::Length;
    head_.content_length_ = *length;
    return true;
}

/// RFC 9112 sections 6.1 and 6.3: only "chunked" alone is known. A coding in front of it is 501; a list that
/// does not end with "chunked", or has it twice, leaves the length open and is 400.
bool HeadInterpreter::read_transfer_encoding(std::string_view value) {
    if (has_transfer_encoding_) return fail(400, ErrorReason::BadRequest);
    has_transfer_encoding_ = true;
    head_.framing_ = BodyFraming::Chunked;
    if (http::iequals(value, "chunked")) return true;
    unsigned chunked_count = 0, other_count = 0;
    bool chunked_is_last = false;
    for (http_fields::ListReader list(value); const auto coding = list.next();) {
        chunked_is_last = http::iequals(*coding, "chunked");
        ++(chunked_is_last ? chunked_count : other_count);
    }
    const bool unknown_coding_first = chunked_is_last && chunked_count == 1 && other_count > 0;
    return unknown_coding_first ? fail(501, ErrorReason::NotImplemented) : fail(400, ErrorReason::BadRequest);
}

void HeadInterpreter::read_connection(std::string_view value) {
    for (http_fields::ListReader list(value); const auto option = list.next();) {
        option_close_ |= http::iequals(*option, "close");
        option_keep_alive_ |= http::iequals(*option, "keep-alive");
        option_upgrade_ |= http::iequals(*option, "upgrade");
    }
}

bool HeadInterpreter::check_host() {
    if (has_host_ || head_.version_ == Version::Http10) return true;
    return fail(400, ErrorReason::Hostname);
}

bool HeadInterpreter::check_framing() {
    if (has_transfer_encoding_) {
        // RFC 9112 section 6.1: with Content-Length beside it, or from HTTP/1.0, the framing is faulty.
        if (has_content_length_ || head_.version_ == Version::Http10)
            return fail(400, ErrorReason::BadRequest);
    } else if (!has_content_length_ && (head_.method_ == Method::Post || head_.method_ == Method::Put)) {
        return fail(411, ErrorReason::LengthRequired);
    }
    if (head_.content_length_ > max_content_bytes_) return fail(413, ErrorReason::EntityTooLarge);
    // RFC 9110 section 9.3.8: a client must not send content in a TRACE request.
    if (head_.method_ == Method::Trace && head_.has_body()) return fail(400, ErrorReason::BadRequest);
    return true;
}

/// RFC 9110 section 10.1.1. An HTTP/1.0 client cannot have meant it: ignored.
bool HeadInterpreter::check_expectation() {
    if (!has_expect_ || head_.version_ == Version::Http10) return true;
    if (has_other_expectation_) return fail(417, ErrorReason::Precondition);
    head_.expects_continue_ = head_.has_body();
    return true;
}

}  // namespace osmia::http1
