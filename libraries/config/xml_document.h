/// \file
/// A configuration file as a tree whose every element and attribute knows its place.
///
/// Expat is beneath. Document type declarations are refused, so there are no entities but XML's own five and no
/// expansion attack. Trust: a web.config is written by whoever may write to a site's folder, so every size is limited.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic_sink.h"
#include "config/diagnostics.h"

namespace osmia::config {

/// Elements may be nested this deep; one more is an error.
inline constexpr std::size_t max_element_depth = 64;
/// One element may have this many attributes.
inline constexpr std::size_t max_element_attributes = 128;
/// A machine's configuration file may have this many bytes (20,000 sites take about 12 MB).
inline constexpr std::size_t max_configuration_bytes = 64 << 20;

struct XmlAttribute {
    std::string name;
    std::string value;
    std::uint32_t offset = 0;        ///< of the name's first byte in XmlDocument::text
    std::uint32_t value_offset = 0;  ///< of the first byte between the quotes
};

struct XmlElement {
    std::string name;
    std::vector<XmlAttribute> attributes;
    std::vector<XmlElement> children;
    std::uint32_t begin = 0;        ///< offset of '<'
    std::uint32_t end = 0;          ///< offset after the end tag's '>'
    std::uint32_t text_offset = 0;  ///< of the first character data that is not white space; 0: none

    const XmlAttribute* find(std::string_view attribute) const;
};

/// A place for people: a file and a position in it. Keeps the name alive.
struct Place {
    std::shared_ptr<const std::string> file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// How a file is to be read.
struct XmlOptions {
    std::size_t max_bytes = max_configuration_bytes;
    /// Obey `<?osmia-file NAME?>` and `<?osmia-line NUMBER?>`, which give the text after them another place. Only for text
    /// that Osmia wrote itself.
    bool line_instructions = false;
};

/// One parsed file. Immutable; shared by everything that points into its tree.
class XmlDocument {
public:
    /// Parses \a bytes. Null after an error, which is in \a sink with its place.
    static std::shared_ptr<const XmlDocument> parse(std::string bytes, const std::string& name, DiagnosticSink& sink,
                                                    const XmlOptions& options = {});

    const XmlElement& root() const { return root_; }
    const std::string& name() const { return *name_; }
    /// The text in UTF-8, without a byte order mark; offsets count its bytes.
    std::string_view text() const { return text_; }

    Place place(std::uint32_t offset) const;
    /// The line around an offset, without its line end, cut at 400 bytes.
    std::string source_line(std::uint32_t offset) const;
    /// The same for a place that place() gave; empty for a place in another file.
    std::string source_line_at(const Place& place) const;
    /// The offset of the first byte of the line around an offset.
    std::uint32_t line_begin(std::uint32_t offset) const;

    /// A finding about the text at \a offset.
    Diagnostic diagnostic(std::uint32_t offset, Severity severity, ErrorNumber number, std::string message) const;

private:
    friend class XmlTreeBuilder;

    /// From this offset on, lines count from `line` and belong to `file`.
    struct Renumbering {
        std::uint32_t offset;
        std::uint32_t line;
        std::shared_ptr<const std::string> file;
    };

    std::size_t line_index(std::uint32_t offset) const;

    std::shared_ptr<const std::string> name_;
    std::string text_;
    std::vector<std::uint32_t> line_begins_;
    std::vector<Renumbering> renumberings_;
    XmlElement root_;
};

}  // namespace osmia::config
