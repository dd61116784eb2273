#include "http1/request_parser.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "http/ascii.h"
#include "http1/head_interpreter.h"
#include "http_fields/field_syntax.h"

namespace osmia::http1 {

using http::ErrorReason;
using http::Method;

namespace {

/// The most that any of the configurable byte limits may be (MaxRequestBytes' upper bound in http.sys):
/// offsets fit into 32 bits with room to spare.
constexpr std::uint32_t MaxLimitBytes = 16 << 20;

constexpr RequestError BadRequest{400, ErrorReason::BadRequest};
constexpr RequestError BadHeader{400, ErrorReason::Header};
constexpr RequestError BadUrl{400, ErrorReason::Url};
constexpr RequestError BadLineEnd{400, ErrorReason::InvalidCrLf};

/// The characters of a request target: printable ASCII but "#", which begins a fragment and never belongs on
/// the wire.
constexpr auto TargetCharacters = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = 0x21; c < 0x7f; ++c) table[c] = c != '#';
    return table;
}();

bool is_target_character(char c) {
    return TargetCharacters[static_cast<unsigned char>(c)];
}

http::HeadLimits clamp_limits(http::HeadLimits limits) {
    limits.request_line_bytes = std::min(limits.request_line_bytes, MaxLimitBytes);
    limits.field_section_bytes = std::min(limits.field_section_bytes, MaxLimitBytes);
    limits.field_bytes = std::min(limits.field_bytes, MaxLimitBytes);
    limits.field_name_bytes = std::min(limits.field_name_bytes, http::MaxFieldNameBytes);
    limits.field_count = std::min(limits.field_count, static_cast<std::uint32_t>(http::MaxFieldCount));
    return limits;
}

/// The length of "http://" or "https://" at the front of \a target, or 0.
std::size_t scheme_length(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (http::iequals(target.substr(0, scheme.size()), scheme)) return scheme.size();
    }
    return 0;
}

}  // namespace

RequestParser::RequestParser(const http::HeadLimits& limits) : limits_(clamp_limits(limits)) {}

void RequestParser::reset() {
    state_ = State::Start;
    error_ = {};
    line_start_ = scanned_ = section_start_ = 0;
    head_.content_length_ = 0;
    head_.size_ = 0;
    head_.method_token_ = head_.target_ = head_.path_ = head_.query_ = head_.authority_ = head_.host_ = {};
    head_.field_count_ = 0;
    head_.host_port_ = 0;
    head_.method_ = Method::Other;
    head_.version_ = Version::Http10;
    head_.form_ = TargetForm::Origin;
    head_.framing_ = BodyFraming::None;
    head_.has_query_ = head_.keep_alive_ = head_.expects_continue_ = head_.wants_upgrade_ = false;
}

bool RequestParser::fail(RequestError error) {
    error_ = error;
    state_ = State::Failed;
    return false;
}

/// A CR inside a line explains everything else that is wrong with it.
bool RequestParser::fail_line(std::string_view line, RequestError error) {
    return fail(line.find('\r') == std::string_view::npos ? error : BadLineEnd);
}

Slice RequestParser::slice(std::string_view part) const {
    return {static_cast<std::uint32_t>(part.data() - head_.base_), static_cast<std::uint32_t>(part.size())};
}

ParseState RequestParser::parse(std::string_view buffer) {
    head_.base_ = buffer.data();
    for (;;) {
        bool goes_on = false;
        switch (state_) {
            case State::Start:
                goes_on = read_start(buffer);
                break;
            case State::RequestLine:
                goes_on = read_request_line(buffer);
                break;
            case State::Fields:
                goes_on = read_field_line(buffer);
                break;
            case State::Complete:
                return ParseState::Complete;
            case State::Failed:
                return ParseState::Failed;
        }
        if (!goes_on && state_ != State::Failed) return ParseState::NeedMore;
    }
}

/// RFC 9112 section 2.2: one empty line before the request line is ignored. The first byte of a method is
/// looked at at once, so that a TLS greeting on a plain port is not waited for to end.
bool RequestParser::read_start(std::string_view buffer) {
    if (buffer.starts_with('\n')) return fail(BadLineEnd);
    if (buffer.starts_with('\r')) {
        if (buffer.size() == 1) return false;
        if (buffer[1] != '\n') return fail(BadLineEnd);
        line_start_ = 2;
    }
    if (buffer.size() == line_start_) return false;
    const char first = buffer[line_start_];
    if (first == '\r' || first == '\n') return fail(BadLineEnd);
    if (!http_fields::is_token_character(first)) return fail(BadRequest);
    scanned_ = line_start_;
    state_ = State::RequestLine;
    return true;
}

/// Takes the line at line_start_ when its end is there, and moves on behind it.
bool RequestParser::take_line(std::string_view buffer, LineBound bound, std::string_view& line) {
    const std::size_t stop = std::min(buffer.size(), bound.last + 1);
    const void* found =
        scanned_ < stop ? std::memchr(buffer.data() + scanned_, '\n', stop - scanned_) : nullptr;
    if (found == nullptr) {
        scanned_ = stop;
        return buffer.size() > bound.last ? fail(bound.too_long) : false;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (end == line_start_ || buffer[end - 1] != '\r') return fail(BadLineEnd);
    line = buffer.substr(line_start_, end - 1 - line_start_);
    line_start_ = scanned_ = end + 1;
    return true;
}

bool RequestParser::read_request_line(std::string_view buffer) {
    const LineBound bound{line_start_ + limits_.request_line_bytes + 1, {414, ErrorReason::UrlLength}};
    std::string_view line;
    if (!take_line(buffer, bound, line)) return false;
    if (!parse_request_line(line)) return false;
    section_start_ = line_start_;
    state_ = State::Fields;
    return true;
}

bool RequestParser::parse_request_line(std::string_view line) {
    const std::size_t method_end = line.find(' ');
    const std::string_view method = line.substr(0, method_end);
    if (!http_fields::is_token(method)) return fail_line(line, {400, ErrorReason::Verb});
    const std::size_t target_end = line.rfind(' ');
    if (target_end == method_end) return fail_line(line, BadRequest);  // HTTP/0.9's "GET /", or less
    const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
    head_.method_ = http::parse_method(method);
    head_.method_token_ = slice(method);
    head_.target_ = slice(target);
    if (method.size() > limits_.method_bytes) return fail({501, ErrorReason::Verb});
    if (!parse_version(line.substr(target_end + 1))) return fail_line(line, error_);
    if (head_.method_ == Method::Connect) return fail({405, ErrorReason::Verb});
    return parse_target(target) || fail_line(line, BadUrl);
}

/// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, in capitals (RFC 9112 section 2.3).
bool RequestParser::parse_version(std::string_view text) {
    const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && http::is_digit(text[5]) &&
                             text[6] == '.' && http::is_digit(text[7]);
    if (!well_formed) return fail(BadRequest);
    if (text[5] != '1') return fail({505, ErrorReason::VersionNotSupported});
    head_.version_ = text[7] == '0' ? Version::Http10 : Version::Http11;
    return true;
}

/// RFC 9112 section 3.2. False means a bad target.
bool RequestParser::parse_target(std::string_view target) {
    if (target.empty() || !std::ranges::all_of(target, is_target_character)) return false;
    if (target[0] == '/') {
        head_.form_ = TargetForm::Origin;
        split_query(target);
        return true;
    }
    if (target == "*") {
        head_.form_ = TargetForm::Asterisk;
        head_.path_ = slice(target);
        return head_.method_ == Method::Options;
    }
    return parse_absolute_target(target);
}

bool RequestParser::parse_absolute_target(std::string_view target) {
    const std::size_t scheme = scheme_length(target);
    if (scheme == 0) return false;
    const std::size_t end = std::min(target.find_first_of("/?", scheme), target.size());
    const std::string_view text = target.substr(scheme, end - scheme);
    const auto authority = http::parse_authority(text);
    if (!authority) return false;
    head_.form_ = TargetForm::Absolute;
    head_.authority_ = slice(text);
    head_.host_ = slice(authority->host);
    head_.host_port_ = authority->port;
    split_query(target.substr(end));
    return true;
}

void RequestParser::split_query(std::string_view path) {
    const std::size_t mark = path.find('?');
    head_.path_ = slice(path.substr(0, mark));
    if (mark == std::string_view::npos) return;
    head_.query_ = slice(path.substr(mark + 1));
    head_.has_query_ = true;
}

/// Whichever limit comes first decides the refusal, however the bytes arrive.
RequestParser::LineBound RequestParser::field_bound() const {
    const std::size_t field_last = line_start_ + limits_.field_bytes + 1;
    const std::size_t section_end = section_start_ + limits_.field_section_bytes;
    if (field_last < section_end) return {field_last, {431, ErrorReason::FieldLength}};
    return {section_end - 1, {431, ErrorReason::RequestLength}};
}

bool RequestParser::read_field_line(std::string_view buffer) {
    std::string_view line;
    if (!take_line(buffer, field_bound(), line)) return false;
    return line.empty() ? finish() : parse_field(line);
}

/// field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5), nothing else.
bool RequestParser::parse_field(std::string_view line) {
    const auto name_end = std::ranges::find_if_not(line, http_fields::is_token_character);
    const auto name_length = static_cast<std::size_t>(name_end - line.begin());
    if (name_length == 0 || name_length == line.size() || line[name_length] != ':') {
        return fail_line(line, BadHeader);
    }
    const std::string_view value = http_fields::trim_blanks(line.substr(name_length + 1));
    if (http_fields::find_control(value) != value.size()) return fail_line(line, BadHeader);
    if (name_length > limits_.field_name_bytes) return fail({431, ErrorReason::FieldLength});
    if (head_.field_count_ == limits_.field_count) return fail({431, ErrorReason::RequestLength});
    const Slice name = slice(line.substr(0, name_length));
    const Slice content = slice(value);
    head_.fields_[head_.field_count_++] = {name.offset, content.offset, content.length,
                                           static_cast<std::uint16_t>(name_length),
                                           http::find_header_id(line.substr(0, name_length))};
    return true;
}

bool RequestParser::finish() {
    HeadInterpreter interpreter(head_, limits_.content_bytes);
    if (!interpreter.interpret()) return fail(interpreter.error());
    head_.size_ = line_start_;
    state_ = State::Complete;
    return true;
}

}  // namespace osmia::http1
