#include "config/xml_document.h"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "config/text_encoding.h"

namespace osmia::config {
namespace {

constexpr std::size_t max_shown_line = 400;

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

struct ParserDeleter {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserDeleter>;

bool encoding_is_readable(std::string_view encoding, std::string_view text) {
    std::string lower(encoding);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower == "utf-8" || lower == "utf8" || lower.starts_with("utf-16")) return true;
    return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// Values of attributes named password are shown as stars, so that findings can be printed and logged.
void hide_passwords(std::string& line) {
    constexpr std::string_view word = "password";
    const auto same_letter = [](char left, char right) { return (left | 0x20) == right; };
    auto from = line.begin();
    for (;;) {
        const auto found = std::search(from, line.end(), word.begin(), word.end(), same_letter);
        if (found == line.end()) return;
        from = found + word.size();
        auto quote = from;
        while (quote != line.end() && (is_space(*quote) || *quote == '=')) ++quote;
        if (quote == line.end() || (*quote != '"' && *quote != '\'')) continue;
        for (from = quote + 1; from != line.end() && *from != *quote; ++from) *from = '*';
    }
}

}  // namespace

/// Receives Expat's events and grows the tree. Lives for one parse.
class XmlTreeBuilder {
public:
    XmlTreeBuilder(XmlDocument& document, DiagnosticSink& sink, const XmlOptions& options)
        : document_(document), sink_(sink), options_(options) {}

    bool run() {
        parser_.reset(XML_ParserCreate("UTF-8"));
        if (!parser_) return refuse(0, "out of memory");
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), &on_start, &on_end);
        XML_SetCharacterDataHandler(parser_.get(), &on_text);
        XML_SetStartDoctypeDeclHandler(parser_.get(), &on_doctype);
        XML_SetXmlDeclHandler(parser_.get(), &on_declaration);
        if (options_.line_instructions) XML_SetProcessingInstructionHandler(parser_.get(), &on_instruction);
        const std::string& text = document_.text_;
        const XML_Status status = XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), 1);
        if (refused_) return false;
        if (status == XML_STATUS_OK) return true;
        return refuse(offset(), describe(XML_GetErrorCode(parser_.get())));
    }

private:
    static XmlTreeBuilder& self(void* user) { return *static_cast<XmlTreeBuilder*>(user); }
    static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
        self(user).start(name, attributes);
    }
    static void on_end(void* user, const XML_Char*) { self(user).end(); }
    static void on_text(void* user, const XML_Char* text, int length) {
        self(user).characters(std::string_view(text, static_cast<std::size_t>(length)));
    }
    static void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        self(user).stop("document type declarations are not allowed in configuration files");
    }
    static void on_declaration(void* user, const XML_Char*, const XML_Char* encoding, int) {
        if (encoding == nullptr || encoding_is_readable(encoding, self(user).document_.text_)) return;
        self(user).stop(fmt::format("the encoding '{}' is not supported: save the file as UTF-8", encoding));
    }
    static void on_instruction(void* user, const XML_Char* target, const XML_Char* data) {
        self(user).instruction(target, data);
    }

    static std::string describe(XML_Error error) {
        if (error == XML_ERROR_NO_ELEMENTS) return "the file holds no element: it may be empty or cut off";
        if (error == XML_ERROR_TAG_MISMATCH) return "this end tag does not match the element that is open";
        return fmt::format("malformed XML: {}", XML_ErrorString(error));
    }

    std::uint32_t offset() const {
        const XML_Index index = XML_GetCurrentByteIndex(parser_.get());
        const auto size = static_cast<XML_Index>(document_.text_.size());
        return static_cast<std::uint32_t>(std::clamp<XML_Index>(index, 0, size));
    }

    bool refuse(std::uint32_t at, std::string message) {
        refused_ = true;
        sink_.add(document_.diagnostic(at, Severity::Error, ErrorNumber::BadData, std::move(message)));
        return false;
    }

    void stop(std::string message) {
        if (refused_) return;
        refuse(offset(), std::move(message));
        XML_StopParser(parser_.get(), XML_FALSE);
    }

    void start(const XML_Char* name, const XML_Char** attributes) {
        if (refused_) return;
        if (open_.size() >= max_element_depth) {
            return stop(fmt::format("elements are nested deeper than {} levels", max_element_depth));
        }
        XmlElement* element = &document_.root_;
        if (!open_.empty()) element = &open_.back()->children.emplace_back();
        element->name = name;
        element->begin = offset();
        for (const XML_Char** at = attributes; *at != nullptr; at += 2) {
            if (element->attributes.size() == max_element_attributes) {
                return stop(fmt::format("an element has more than {} attributes", max_element_attributes));
            }
            element->attributes.push_back({at[0], at[1], 0, 0});
        }
        locate_attributes(*element);
        locate_end_of_tag(*element);
        open_.push_back(element);
    }

    /// Expat tells where a tag begins; the tag is well-formed, so finding its attributes takes no parser.
    void locate_attributes(XmlElement& element) const {
        const std::string& text = document_.text_;
        std::size_t at = element.begin + 1 + element.name.size();
        for (XmlAttribute& attribute : element.attributes) {
            while (at < text.size() && is_space(text[at])) ++at;
            attribute.offset = static_cast<std::uint32_t>(std::min(at, text.size()));
            const std::size_t quote = text.find_first_of("\"'", at);
            if (quote == std::string::npos) return;  // cannot be: the tag is well-formed
            attribute.value_offset = static_cast<std::uint32_t>(quote + 1);
            const std::size_t close = text.find(text[quote], quote + 1);
            if (close == std::string::npos) return;
            at = close + 1;
        }
    }

    /// Sets the end of an empty-element tag, where Expat's end event has no place of its own.
    void locate_end_of_tag(XmlElement& element) const {
        const std::string& text = document_.text_;
        std::size_t at = element.begin + 1 + element.name.size();
        if (!element.attributes.empty()) {
            const std::size_t open = element.attributes.back().value_offset;
            at = text.find(text[open - 1], open);
        }
        const std::size_t close = text.find('>', at);
        if (close != std::string::npos && text[close - 1] == '/') element.end = static_cast<std::uint32_t>(close + 1);
    }

    void end() {
        if (refused_ || open_.empty()) return;
        XmlElement& element = *open_.back();
        open_.pop_back();
        if (element.end != 0) return;
        const std::size_t close = document_.text_.find('>', offset());
        const std::size_t size = document_.text_.size();
        element.end = static_cast<std::uint32_t>(close == std::string::npos ? size : close + 1);
    }

    void characters(std::string_view text) {
        if (refused_ || open_.empty() || open_.back()->text_offset != 0) return;
        const auto visible = std::find_if_not(text.begin(), text.end(), is_space);
        if (visible == text.end()) return;
        open_.back()->text_offset = offset() + static_cast<std::uint32_t>(visible - text.begin());
    }

    void instruction(std::string_view target, std::string_view data) {
        auto& list = document_.renumberings_;
        const std::uint32_t at = offset();
        const std::size_t line_end = document_.text_.find('\n', at);
        if (line_end == std::string::npos) return;
        auto file = list.empty() ? document_.name_ : list.back().file;
        if (target == "osmia-file") {
            list.push_back({static_cast<std::uint32_t>(line_end + 1), 0, std::make_shared<const std::string>(data)});
        } else if (target == "osmia-line") {
            std::uint32_t line = 0;
            if (std::from_chars(data.data(), data.data() + data.size(), line).ec != std::errc()) return;
            list.push_back({static_cast<std::uint32_t>(line_end + 1), line, std::move(file)});
        }
    }

    XmlDocument& document_;
    DiagnosticSink& sink_;
    const XmlOptions& options_;
    Parser parser_;
    std::vector<XmlElement*> open_;
    bool refused_ = false;
};

const XmlAttribute* XmlElement::find(std::string_view attribute) const {
    for (const XmlAttribute& candidate : attributes) {
        if (candidate.name == attribute) return &candidate;
    }
    return nullptr;
}

std::shared_ptr<const XmlDocument> XmlDocument::parse(std::string bytes, const std::string& name, DiagnosticSink& sink,
                                                      const XmlOptions& options) {
    auto document = std::make_shared<XmlDocument>();
    document->name_ = std::make_shared<const std::string>(name);
    document->line_begins_ = {0};
    if (bytes.size() > options.max_bytes) {
        sink.add({name, 0, 0, Severity::Error, ErrorNumber::BadData,
                  fmt::format("the file is larger than {} bytes", options.max_bytes), {}});
        return nullptr;
    }
    auto text = to_utf8(std::move(bytes));
    if (!text.ok()) {
        sink.add({name, 0, 0, Severity::Error, ErrorNumber::BadData, text.error().message, {}});
        return nullptr;
    }
    document->text_ = std::move(text).value();
    for (std::size_t at = document->text_.find('\n'); at != std::string::npos; at = document->text_.find('\n', at + 1)) {
        document->line_begins_.push_back(static_cast<std::uint32_t>(at + 1));
    }
    XmlTreeBuilder builder(*document, sink, options);
    if (!builder.run()) return nullptr;
    return document;
}

std::size_t XmlDocument::line_index(std::uint32_t offset) const {
    const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
    return static_cast<std::size_t>(after - line_begins_.begin()) - 1;
}

std::uint32_t XmlDocument::line_begin(std::uint32_t offset) const { return line_begins_[line_index(offset)]; }

Place XmlDocument::place(std::uint32_t offset) const {
    const std::size_t index = line_index(offset);
    Place place{name_, static_cast<std::uint32_t>(index + 1), 1};
    const std::uint32_t end = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text_.size()));
    for (std::uint32_t at = line_begins_[index]; at < end; ++at) {
        if ((static_cast<unsigned char>(text_[at]) & 0xc0) != 0x80) ++place.column;
    }
    const auto after = std::upper_bound(renumberings_.begin(), renumberings_.end(), offset,
                                        [](std::uint32_t at, const Renumbering& entry) { return at < entry.offset; });
    if (after == renumberings_.begin()) return place;
    const Renumbering& entry = *(after - 1);
    place.file = entry.file;
    place.line = entry.line + static_cast<std::uint32_t>(index - line_index(entry.offset));
    return place;
}

std::string XmlDocument::source_line(std::uint32_t offset) const {
    const std::size_t begin = line_begin(offset);
    std::size_t end = text_.find('\n', begin);
    if (end == std::string::npos) end = text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    end = std::min(end, begin + max_shown_line);
    while (end > begin && end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) --end;
    std::string line = text_.substr(begin, end - begin);
    hide_passwords(line);
    return line;
}

std::string XmlDocument::source_line_at(const Place& place) const {
    // With renumbered lines a number does not tell the line; those texts are read by workers, which show no typed places.
    if (place.file != name_ || place.line == 0 || place.line > line_begins_.size() || !renumberings_.empty()) return {};
    return source_line(line_begins_[place.line - 1]);
}

Diagnostic XmlDocument::diagnostic(std::uint32_t offset, Severity severity, ErrorNumber number,
                                   std::string message) const {
    const Place at = place(offset);
    return {*at.file, at.line, at.column, severity, number, std::move(message), source_line(offset)};
}

}  // namespace osmia::config
