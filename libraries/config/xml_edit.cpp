#include "config/xml_edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/text_encoding.h"
#include "config/xml_text.h"

namespace osmia::config {
namespace {

constexpr std::string_view blanks = " \t";

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

/// Nothing but white space and whole comments, so that what follows an element on its line is about it.
bool is_remark(std::string_view text) {
    for (;;) {
        const std::size_t begin = text.find("<!--");
        if (!is_blank(text.substr(0, begin))) return false;
        if (begin == std::string_view::npos) return true;
        const std::size_t end = text.find("-->", begin + 4);
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 3);
    }
}

std::size_t end_of_line(std::string_view text, std::size_t offset) {
    const std::size_t end = std::min(text.find('\n', offset), text.size());
    return end > offset && end < text.size() && text[end - 1] == '\r' ? end - 1 : end;
}

bool is_empty_tag(std::string_view text, const XmlElement& element) { return text[element.end - 2] == '/'; }

/// A file that names another encoding and holds ASCII alone becomes UTF-8 with its first other character.
void declare_utf8(std::string& text) {
    const std::size_t end = text.starts_with("<?xml") ? text.find("?>") : std::string::npos;
    const std::size_t name = text.find("encoding");
    if (end == std::string::npos || name > end) return;
    const std::size_t quote = text.find_first_of("\"'", name);
    const std::size_t close = text.find(text[quote], quote + 1);
    const std::string_view encoding = std::string_view(text).substr(quote + 1, close - quote - 1);
    if (encoding.starts_with("UTF") || encoding.starts_with("utf")) return;
    text.replace(quote + 1, encoding.size(), "UTF-8");
}

std::string tag_text(const std::string& name, const AttributeList& attributes) {
    std::string tag = '<' + name;
    for (const auto& [attribute, value] : attributes) tag += fmt::format(" {}=\"{}\"", attribute, xml_escaped(value));
    return tag + " />";
}

}  // namespace

Result<XmlEdit> XmlEdit::open(std::string bytes, const std::string& name) {
    XmlEdit edit;
    const std::string_view view = bytes;
    if (view.starts_with("\xef\xbb\xbf")) edit.encoding_ = Encoding::Utf8Mark;
    if (view.starts_with("\xff\xfe")) edit.encoding_ = Encoding::Utf16Little;
    if (view.starts_with("\xfe\xff")) edit.encoding_ = Encoding::Utf16Big;
    DiagnosticSink sink;
    edit.document_ = XmlDocument::parse(std::move(bytes), name, sink);
    if (edit.document_ == nullptr) {
        std::string message;
        for (const Diagnostic& diagnostic : sink.take()) message += format_diagnostic(diagnostic);
        return Error{ErrorKind::Invalid, std::move(message), 0};
    }
    const std::size_t newline = edit.text().find('\n');
    if (newline != std::string_view::npos && newline > 0 && edit.text()[newline - 1] == '\r') edit.line_end_ = "\r\n";
    return edit;
}

const XmlElement& XmlEdit::at(const ElementHandle& handle) const {
    const XmlElement* element = &root();
    for (const std::size_t index : handle) {
        OSMIA_CHECK(index < element->children.size(), "a handle leads to an element of the text");
        element = &element->children[index];
    }
    return *element;
}

std::string XmlEdit::bytes() const {
    switch (encoding_) {
        case Encoding::Utf8: return std::string(text());
        case Encoding::Utf8Mark: return "\xef\xbb\xbf" + std::string(text());
        case Encoding::Utf16Little: return to_utf16(text(), false);
        case Encoding::Utf16Big: return to_utf16(text(), true);
    }
    return {};
}

void XmlEdit::splice(std::size_t begin, std::size_t end, const std::string& with) {
    std::string changed(text());
    changed.replace(begin, end - begin, with);
    if (!std::all_of(with.begin(), with.end(), [](char c) { return (c & 0x80) == 0; })) declare_utf8(changed);
    DiagnosticSink sink;
    auto document = XmlDocument::parse(std::move(changed), document_->name(), sink);
    OSMIA_CHECK(document != nullptr, "an edit leaves well-formed XML");
    document_ = std::move(document);
}

/// The white space that begins the line around an offset.
std::string XmlEdit::indentation_of(std::size_t offset) const {
    const std::size_t begin = document_->line_begin(static_cast<std::uint32_t>(offset));
    const std::size_t end = std::min(text().find_first_not_of(blanks, begin), offset);
    return std::string(text().substr(begin, end - begin));
}

/// By how much the file indents.
std::string XmlEdit::unit() const {
    if (root().children.empty()) return "    ";
    const std::string inner = indentation_of(root().children.front().begin);
    const std::string outer = indentation_of(root().begin);
    return inner.size() > outer.size() && inner.starts_with(outer) ? inner.substr(outer.size()) : "    ";
}

std::string XmlEdit::child_indentation(const XmlElement& parent) const {
    for (const XmlElement& child : parent.children) {
        const std::size_t line = document_->line_begin(child.begin);
        if (is_blank(text().substr(line, child.begin - line))) return indentation_of(child.begin);
    }
    return indentation_of(parent.begin) + unit();
}

void XmlEdit::set_attribute(const ElementHandle& handle, const std::string& name, std::string_view value) {
    const XmlElement& element = at(handle);
    if (const XmlAttribute* attribute = element.find(name)) {
        const std::size_t begin = attribute->value_offset;
        const char quote = text()[begin - 1];
        std::string escaped = xml_escaped(value);
        for (std::size_t at = 0; quote == '\'' && (at = escaped.find('\'', at)) != std::string::npos;) escaped.replace(at, 1, "&#39;");
        return splice(begin, text().find(quote, begin), escaped);
    }
    std::size_t end = element.begin + 1 + element.name.size();
    if (!element.attributes.empty()) {
        const std::size_t last = element.attributes.back().value_offset;
        end = text().find(text()[last - 1], last) + 1;
    }
    splice(end, end, fmt::format(" {}=\"{}\"", name, xml_escaped(value)));
}

void XmlEdit::remove_attribute(const ElementHandle& handle, const std::string& name) {
    const XmlAttribute* attribute = at(handle).find(name);
    if (attribute == nullptr) return;
    const std::size_t begin = text().find_last_not_of(" \t\r\n", attribute->offset - 1) + 1;
    const std::size_t value = attribute->value_offset;
    splice(begin, text().find(text()[value - 1], value) + 1, {});
}

/// Turns `<a />` into `<a>`, line end, `</a>`.
void XmlEdit::open_element(const ElementHandle& handle) {
    const XmlElement& element = at(handle);
    const std::size_t slash = element.end - 2;
    const std::size_t begin = text().find_last_not_of(" \t\r\n", slash - 1) + 1;
    splice(begin, element.end,
           fmt::format(">{}{}</{}>", line_end_, indentation_of(element.begin), element.name));
}

ElementHandle XmlEdit::append_child(const ElementHandle& parent, const std::string& name, const AttributeList& attributes) {
    return insert_child(parent, at(parent).children.size(), name, attributes);
}

ElementHandle XmlEdit::insert_child(const ElementHandle& parent, std::size_t index, const std::string& name,
                                    const AttributeList& attributes) {
    if (is_empty_tag(text(), at(parent))) open_element(parent);
    const XmlElement& element = at(parent);
    const std::string indentation = child_indentation(element);
    const std::string tag = tag_text(name, attributes);
    if (index < element.children.size()) {
        const std::size_t at = element.children[index].begin;
        splice(at, at, tag + line_end_ + indentation);
    } else if (!element.children.empty()) {
        std::size_t at = element.children.back().end;
        const std::size_t line = end_of_line(text(), at);
        if (line < element.end && is_remark(text().substr(at, line - at))) at = line;
        splice(at, at, line_end_ + indentation + tag);
    } else {
        const std::size_t close = text().rfind("</", element.end - 1);
        const std::size_t line = document_->line_begin(static_cast<std::uint32_t>(close));
        if (line > element.begin && is_blank(text().substr(line, close - line))) {
            splice(line, line, indentation + tag + line_end_);
        } else {
            splice(close, close, line_end_ + indentation + tag + line_end_ + indentation_of(element.begin));
        }
    }
    ElementHandle handle = parent;
    handle.push_back(index);
    return handle;
}

void XmlEdit::replace(const ElementHandle& handle, const std::string& with) {
    const XmlElement& element = at(handle);
    splice(element.begin, element.end, with);
}

void XmlEdit::remove(const ElementHandle& handle) {
    const XmlElement& element = at(handle);
    std::size_t begin = element.begin;
    std::size_t end = element.end;
    const std::size_t line = document_->line_begin(element.begin);
    const std::size_t newline = text().find('\n', end);
    const bool alone = newline != std::string_view::npos && is_blank(text().substr(line, begin - line)) &&
                       is_blank(text().substr(end, newline - end));
    if (alone) {
        begin = line;
        end = newline + 1;
    }
    splice(begin, end, {});
}

}  // namespace osmia::config
