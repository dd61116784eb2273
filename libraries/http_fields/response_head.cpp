#include "http_fields/response_head.h"

#include <algorithm>

#include "http/ascii.h"
#include "http/status.h"
#include "http_fields/field_syntax.h"

namespace osmia::http_fields {

namespace {

constexpr std::string_view VersionPrefix = "HTTP/";

/// The length of "HTTP/<digit>[.<digit>]" at the front of a line, or 0.
std::size_t version_length(std::string_view line) {
    if (!line.starts_with(VersionPrefix) || line.size() < 6 || !http::is_digit(line[5])) return 0;
    if (line.size() >= 8 && line[6] == '.' && http::is_digit(line[7])) return 8;
    return 6;
}

}  // namespace

Result<StatusLine> parse_status_text(std::string_view text) {
    text = trim_blanks(text);
    const bool has_code = text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, http::is_digit) &&
                          (text.size() == 3 || is_blank(text[3]));
    if (!has_code) return make_error(ErrorKind::Invalid, "the status does not begin with three digits");
    if (find_control(text) != text.size()) {
        return make_error(ErrorKind::Invalid, "the status holds a control character");
    }
    const auto digit = [&](std::size_t i) { return static_cast<unsigned>(text[i] - '0'); };
    const unsigned status = digit(0) * 100 + digit(1) * 10 + digit(2);
    if (status < http::MinStatus) return make_error(ErrorKind::Invalid, "the status {} is below 100", status);
    return StatusLine{status, trim_blanks(text.substr(3))};
}

Result<StatusLine> parse_status_line(std::string_view line) {
    const std::size_t length = version_length(line);
    if (length == 0 || line.size() <= length || !is_blank(line[length])) {
        return make_error(ErrorKind::Invalid,
                          "the status line does not begin with an HTTP version and a space");
    }
    return parse_status_text(line.substr(length));
}

OutputKind classify_output(std::string_view text, std::size_t limit) {
    const std::string_view start = text.substr(0, VersionPrefix.size());
    if (start == VersionPrefix) return OutputKind::StatusLine;
    if (VersionPrefix.starts_with(start)) return OutputKind::Undecided;
    const auto name_end = std::ranges::find_if_not(text.substr(0, limit), is_token_character);
    const auto length = static_cast<std::size_t>(name_end - text.begin());
    if (length == text.size() && length < limit) return OutputKind::Undecided;
    if (length == 0 || length >= limit || text[length] != ':') return OutputKind::Body;
    if (text.substr(0, limit).find('\n') != std::string_view::npos) return OutputKind::HeaderBlock;
    return text.size() < limit ? OutputKind::Undecided : OutputKind::Body;
}

Result<ResponseHead> parse_response_head(std::string_view text, const HeaderBlockLimits& limits) {
    ResponseHead head;
    std::size_t block_at = 0;
    if (text.starts_with(VersionPrefix)) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        head.status = OSMIA_TRY(parse_status_line(line));
        block_at = std::min(end + 1, text.size());
    }
    head.block = OSMIA_TRY(parse_header_block(text.substr(block_at), LineSyntax::Tolerant, limits));
    head.size = block_at + head.block.size;
    return head;
}

}  // namespace osmia::http_fields
