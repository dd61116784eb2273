/// \file
/// Edits a configuration file's text in place: comments, formatting and encoding of what is not touched stay byte for
/// byte. Knows XML and indentation, no sections.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/diagnostics.h"
#include "config/xml_document.h"

namespace osmia::config {

/// Where an element is: the index of the child to take, from the root down. Empty: the root. A change keeps the handles
/// of all elements but later siblings of one that is added or removed.
using ElementHandle = std::vector<std::size_t>;

using AttributeList = std::vector<std::pair<std::string, std::string>>;

/// One file being edited. The text is parsed again after each change, so that it is always well-formed. Names are XML names and
/// values XML text (is_xml_text): who takes them from people checks them. Not thread-safe.
class XmlEdit {
public:
    /// Invalid: the bytes are no XML; the message is the finding with its place.
    static Result<XmlEdit> open(std::string bytes, const std::string& name);

    const XmlDocument& document() const { return *document_; }
    const XmlElement& root() const { return document_->root(); }
    const XmlElement& at(const ElementHandle& handle) const;

    /// The file's bytes with its byte order mark, in its own encoding.
    std::string bytes() const;

    /// Sets an attribute or adds it behind the others.
    void set_attribute(const ElementHandle& handle, const std::string& name, std::string_view value);
    void remove_attribute(const ElementHandle& handle, const std::string& name);

    /// Adds an empty element as the child with this index, on a line of its own, indented like its siblings.
    ElementHandle insert_child(const ElementHandle& parent, std::size_t index, const std::string& name,
                               const AttributeList& attributes = {});
    ElementHandle append_child(const ElementHandle& parent, const std::string& name, const AttributeList& attributes = {});

    /// Puts the text of another well-formed element in the place of an element.
    void replace(const ElementHandle& handle, const std::string& with);

    /// Removes an element, and its line when nothing else stands on it.
    void remove(const ElementHandle& handle);

private:
    enum class Encoding { Utf8, Utf8Mark, Utf16Little, Utf16Big };

    XmlEdit() = default;
    void splice(std::size_t begin, std::size_t end, const std::string& with);
    std::string_view text() const { return document_->text(); }
    std::string indentation_of(std::size_t offset) const;
    std::string unit() const;
    std::string child_indentation(const XmlElement& parent) const;
    void open_element(const ElementHandle& handle);

    std::shared_ptr<const XmlDocument> document_;
    Encoding encoding_ = Encoding::Utf8;
    std::string line_end_ = "\n";
};

}  // namespace osmia::config
