#include "http2/request_rules.h"

#include "http/ascii.h"
#include "http/authority.h"
#include "http/header_id.h"
#include "http_fields/content_length.h"
#include "http_fields/field_syntax.h"

namespace osmia::http2 {

using http::ErrorReason;
using http::HeaderId;

namespace {

std::optional<RuleError> check_method(const RequestHead& head, const http::HeadLimits& limits, RequestFacts& facts) {
    if (head.method().size() > limits.method_bytes) return RuleError{501, ErrorReason::Verb};
    facts.method = http::parse_method(head.method());
    if (facts.method == http::Method::Connect) return RuleError{405, ErrorReason::Verb};
    return {};
}

/// Visible ASCII only, as in HTTP/1.1's request line, and no fragment (RFC 9110 section 7.1).
bool is_target(std::string_view path) {
    for (const char c : path) {
        if (c <= ' ' || c == 0x7f || c == '#') return false;
    }
    return true;
}

std::optional<RuleError> read_path(const RequestHead& head, const http::HeadLimits& limits, RequestFacts& facts) {
    const std::string_view path = head.path();
    // The line that HTTP/1.1 would have: "METHOD path HTTP/1.1".
    if (head.method().size() + path.size() + 10 > limits.request_line_bytes) return RuleError{414, ErrorReason::UrlLength};
    if (path == "*" && facts.method == http::Method::Options) {
        facts.raw_path = "/";
        return {};
    }
    if (!path.starts_with('/') || !is_target(path)) return RuleError{400, ErrorReason::Url};
    const auto question = path.find('?');
    facts.raw_path = path.substr(0, question);
    if (question != path.npos) facts.query = path.substr(question + 1);
    return {};
}

std::optional<RuleError> read_field(const RequestHead::Field& field, const http::HeadLimits& limits, RequestFacts& facts) {
    if (field.name.size() > limits.field_name_bytes) return RuleError{431, ErrorReason::FieldLength};
    if (field.name.size() + field.value.size() + 2 > limits.field_bytes) return RuleError{431, ErrorReason::FieldLength};
    if (!http_fields::is_token(field.name) || !http_fields::is_field_value(field.value)) return RuleError{400, ErrorReason::Header};
    switch (http::find_header_id(field.name)) {
        case HeaderId::Host:
            // RFC 9113 section 8.3.1: what differs from :authority is malformed.
            if (facts.has_host_field) return RuleError{400, ErrorReason::Hostname};
            if (!facts.authority.empty() && !http::iequals(field.value, facts.authority)) return RuleError{400, ErrorReason::Hostname};
            facts.has_host_field = true;
            facts.authority = field.value;
            return {};
        case HeaderId::ContentLength:
            facts.content_length = http_fields::parse_content_length(field.value);
            if (!facts.content_length) return RuleError{400, ErrorReason::Number};
            if (*facts.content_length > limits.content_bytes) return RuleError{413, ErrorReason::EntityTooLarge};
            return {};
        case HeaderId::Expect:
            if (facts.expects_continue || !http::iequals(field.value, "100-continue")) return RuleError{417, ErrorReason::Precondition};
            facts.expects_continue = true;
            return {};
        default: return {};
    }
}

}  // namespace

std::optional<RuleError> check_request(const RequestHead& head, bool ends, const http::HeadLimits& limits, RequestFacts& facts) {
    if (const auto error = check_method(head, limits, facts)) return error;
    if (head.scheme() != "http" && head.scheme() != "https") return RuleError{400, ErrorReason::Url};
    if (const auto error = read_path(head, limits, facts)) return error;
    facts.authority = head.authority();
    for (std::size_t i = 0; i < head.field_count(); ++i) {
        if (const auto error = read_field(head.field(i), limits, facts)) return error;
    }
    const auto authority = http::parse_authority(facts.authority);
    if (!authority) return RuleError{400, ErrorReason::Hostname};
    facts.host = authority->host;
    if (facts.method == http::Method::Trace && !ends) return RuleError{400, ErrorReason::BadRequest};
    if (ends) facts.expects_continue = false;
    return {};
}

}  // namespace osmia::http2
