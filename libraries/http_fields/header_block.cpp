#include "http_fields/header_block.h"

#include <algorithm>

#include "http_fields/field_syntax.h"

namespace osmia::http_fields {

namespace {

constexpr auto NotFound = std::string_view::npos;

/// One line without its end, and where the next begins.
struct Line {
    std::string_view text;
    std::size_t next;
};

Result<Line> take_line(std::string_view text, std::size_t at, LineSyntax syntax, std::size_t number) {
    const std::size_t end = text.find('\n', at);
    if (end == NotFound) {
        if (syntax == LineSyntax::Strict) {
            return make_error(ErrorKind::Invalid, "header line {} does not end with CRLF", number);
        }
        return Line{text.substr(at), text.size()};
    }
    const bool has_return = end > at && text[end - 1] == '\r';
    if (syntax == LineSyntax::Strict && !has_return) {
        return make_error(ErrorKind::Invalid, "header line {} ends with LF alone", number);
    }
    return Line{text.substr(at, end - at - (has_return ? 1 : 0)), end + 1};
}

Result<Field> parse_line(std::string_view line, LineSyntax syntax, std::size_t number) {
    if (is_blank(line[0])) {
        return make_error(ErrorKind::Invalid, "header line {} begins with white space: folding is refused",
                          number);
    }
    const std::size_t colon = line.find(':');
    if (colon == NotFound) return make_error(ErrorKind::Invalid, "header line {} has no colon", number);
    std::string_view name = line.substr(0, colon);
    if (syntax == LineSyntax::Tolerant) name = trim_blanks(name);
    if (!is_token(name)) return make_error(ErrorKind::Invalid, "header line {} has an invalid name", number);
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (find_control(value) != value.size()) {
        return make_error(ErrorKind::Invalid, "header line {} ({}) holds a control character", number, name);
    }
    return Field{name, value, http::find_header_id(name)};
}

}  // namespace

const Field* HeaderBlock::find(http::HeaderId id) const {
    const auto found = std::ranges::find(fields, id, &Field::id);
    return found == fields.end() ? nullptr : &*found;
}

Result<HeaderBlock> parse_header_block(std::string_view text, LineSyntax syntax,
                                       const HeaderBlockLimits& limits) {
    HeaderBlock block;
    for (std::size_t number = 1; block.size < text.size(); ++number) {
        const Line line = OSMIA_TRY(take_line(text, block.size, syntax, number));
        if (line.next > limits.bytes) {
            return make_error(ErrorKind::Invalid, "the header block is longer than {} bytes", limits.bytes);
        }
        const bool ended = line.next > block.size && text[line.next - 1] == '\n';
        block.size = line.next;
        if (line.text.empty() && ended) {
            block.terminated = true;
            return block;
        }
        if (block.fields.size() == limits.fields) {
            return make_error(ErrorKind::Invalid, "the header block has more than {} fields", limits.fields);
        }
        block.fields.push_back(OSMIA_TRY(parse_line(line.text, syntax, number)));
    }
    return block;
}

std::size_t find_block_end(std::string_view text) {
    for (std::size_t line = 0;;) {
        const std::size_t end = text.find('\n', line);
        if (end == NotFound) return NotFound;
        if (end == line || (end == line + 1 && text[line] == '\r')) return end + 1;
        line = end + 1;
    }
}

}  // namespace osmia::http_fields
