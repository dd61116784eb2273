#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "config/schema.h"
#include "config/value.h"

namespace osmia::config {
namespace {

struct Line {
    std::size_t number = 0;
    std::size_t level = 0;  ///< indentation, in steps of two spaces
    std::vector<std::string> words;
};

/// Splits a line into words. `"…"` and `name(…)` are one word each, the quotes are taken off; `#` ends the line.
std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    for (;;) {
        at = text.find_first_not_of(' ', at);
        if (at == std::string_view::npos || text[at] == '#') return words;
        std::string word;
        if (text[at] == '"') {
            const std::size_t close = std::min(text.find('"', at + 1), text.size());
            word = text.substr(at + 1, close - at - 1);
            at = close + 1;
        } else {
            std::size_t end = std::min(text.find_first_of(" (", at), text.size());
            if (end < text.size() && text[end] == '(') end = std::min(text.find(')', end), text.size() - 1) + 1;
            word = text.substr(at, end - at);
            at = end;
        }
        words.push_back(std::move(word));
        if (at >= text.size()) return words;
    }
}

std::vector<Line> split_lines(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto words = split_words(line);
        if (!words.empty()) lines.push_back({number, line.find_first_not_of(' ') / 2, std::move(words)});
    }
    return lines;
}

/// Takes a line's words one after the other.
class Words {
public:
    explicit Words(const Line& line) : line_(line) {}
    bool more() const { return at_ < line_.words.size(); }
    /// The next word, or "" behind the last.
    const std::string& next() {
        static const std::string none;
        return more() ? line_.words[at_++] : none;
    }
    bool skip(std::string_view word) {
        if (!more() || line_.words[at_] != word) return false;
        ++at_;
        return true;
    }
    Error unknown(std::string_view word) const {
        return make_error(ErrorKind::Invalid, "line {}: '{}' is not understood here", line_.number, word);
    }

private:
    const Line& line_;
    std::size_t at_ = 0;
};

template <class T>
const T* look_up(const std::map<std::string, T, std::less<>>& names, std::string_view word) {
    const auto found = names.find(word);
    return found == names.end() ? nullptr : &found->second;
}

/// Reads one schema text. Lives for one Schema::add.
class SchemaReader {
public:
    explicit SchemaReader(std::string_view text) : lines_(split_lines(text)) {}

    Result<std::vector<SectionSchema>> run() {
        std::vector<SectionSchema> sections;
        while (at_ < lines_.size()) {
            const Line& line = lines_[at_++];
            Words words(line);
            const std::string& kind = words.next();
            if (line.level != 0) return words.unknown(kind);
            if (kind == "shape") {
                const std::string& name = words.next();
                shapes_[name] = OSMIA_TRY(read_element(name, 0, false));
            } else if (kind == "section") {
                sections.push_back(OSMIA_TRY(read_section(words)));
            } else {
                return words.unknown(kind);
            }
        }
        return sections;
    }

private:
    using ElementPointer = std::shared_ptr<const ElementSchema>;

    Result<SectionSchema> read_section(Words& words) {
        static const std::map<std::string, SectionStatus, std::less<>> statuses{{"works", SectionStatus::Works},
                                                                                {"later", SectionStatus::Later},
                                                                                {"lacking", SectionStatus::Lacking},
                                                                                {"guard", SectionStatus::Guard}};
        static const std::map<std::string, AllowDefinition, std::less<>> places{
            {"everywhere", AllowDefinition::Everywhere},
            {"machine", AllowDefinition::Machine},
            {"application", AllowDefinition::Application}};
        SectionSchema section;
        section.path = words.next();
        while (words.more()) {
            const std::string& word = words.next();
            if (const auto* status = look_up(statuses, word)) {
                section.status = *status;
            } else if (const auto* place = look_up(places, word)) {
                section.allow_definition = *place;
            } else if (word == "allow" || word == "deny") {
                section.override_allowed = word == "allow";
            } else {
                return words.unknown(word);
            }
        }
        section.opaque = at_ >= lines_.size() || lines_[at_].level == 0;
        section.element = OSMIA_TRY(read_element(section.path.substr(section.path.rfind('/') + 1), 0, false));
        return section;
    }

    /// Reads the lines below the one at \a level into an element.
    Result<ElementPointer> read_element(const std::string& name, std::size_t level, bool holder) {
        auto element = std::make_shared<ElementSchema>();
        element->name = name;
        element->holder = holder;
        while (at_ < lines_.size() && lines_[at_].level > level) {
            const Line& line = lines_[at_++];
            Words words(line);
            if (line.level != level + 1) return words.unknown(line.words.front());
            if (words.skip("element")) {
                element->children.push_back(OSMIA_TRY(read_child(words, line.level)));
            } else if (words.skip("collection")) {
                OSMIA_TRY_VOID(read_collection(*element, words, line.level));
            } else {
                element->attributes.push_back(OSMIA_TRY(read_attribute(words)));
            }
        }
        return ElementPointer(std::move(element));
    }

    /// A copy of a shape under another name.
    Result<ElementPointer> shaped(const std::string& shape, const std::string& name, bool holder, const Words& words) {
        const auto found = shapes_.find(shape);
        if (found == shapes_.end()) return words.unknown(shape);
        auto element = std::make_shared<ElementSchema>(*found->second);
        element->name = name;
        element->holder = holder;
        return ElementPointer(std::move(element));
    }

    Result<ElementPointer> read_child(Words& words, std::size_t level) {
        const std::string& name = words.next();
        if (!words.skip("of")) return read_element(name, level, false);
        const std::string& shape = words.next();
        const bool holder = words.skip("holder");
        return shaped(shape, name, holder, words);
    }

    Result<void> read_collection(ElementSchema& parent, Words& words, std::size_t level) {
        CollectionSchema collection;
        collection.add = words.next();
        std::string shape;
        while (words.more()) {
            const std::string& word = words.next();
            if (word == "remove") collection.remove = words.next();
            else if (word == "clear") collection.clear = words.next();
            else if (word == "defaults") collection.defaults = words.next();
            else if (word == "of") shape = words.next();
            else if (word == "prepend") collection.prepend = true;
            else if (word == "duplicates") collection.duplicates = true;
            else return words.unknown(word);
        }
        if (shape.empty()) {
            collection.item = OSMIA_TRY(read_element(collection.add, level, false));
        } else {
            collection.item = OSMIA_TRY(shaped(shape, collection.add, false, words));
        }
        if (!collection.defaults.empty()) {
            auto holder = std::make_shared<ElementSchema>(*collection.item);
            holder->name = collection.defaults;
            holder->holder = true;
            parent.children.push_back(std::move(holder));
        }
        parent.collection = std::move(collection);
        return {};
    }

    Result<AttributeSchema> read_attribute(Words& words) {
        AttributeSchema attribute;
        attribute.name = words.next();
        OSMIA_TRY_VOID(read_type(attribute, words));
        std::string default_text;
        bool has_default = false;
        while (words.more()) {
            if (words.skip("=")) {
                default_text = words.next();
                has_default = true;
            } else {
                OSMIA_TRY_VOID(read_option(attribute, words));
            }
        }
        if (has_default) {
            attribute.default_value = OSMIA_TRY(parse_value(attribute, default_text));
            attribute.has_default = true;
        }
        return attribute;
    }

    static Result<void> read_type(AttributeSchema& attribute, Words& words) {
        static const std::map<std::string, ValueType, std::less<>> types{
            {"bool", ValueType::Bool},   {"enum", ValueType::Enum},     {"flags", ValueType::Flags},
            {"uint", ValueType::UInt},   {"int", ValueType::Int},       {"int64", ValueType::Int64},
            {"string", ValueType::String}, {"timeSpan", ValueType::TimeSpan}};
        const std::string& word = words.next();
        const std::size_t bracket = word.find('(');
        const ValueType* type = look_up(types, std::string_view(word).substr(0, bracket));
        if (type == nullptr) return words.unknown(word);
        attribute.type = *type;
        attribute.minimum = 0;
        attribute.maximum = INT64_MAX;
        if (*type == ValueType::UInt) attribute.maximum = 0xffffffff;
        if (*type == ValueType::Int || *type == ValueType::Int64) attribute.minimum = INT64_MIN;
        if (bracket == std::string::npos) return {};
        for (const std::string& entry : split_words(word.substr(bracket + 1, word.size() - bracket - 2))) {
            const std::size_t equals = entry.find('=');
            if (equals == std::string::npos) return words.unknown(entry);
            const std::int64_t number = OSMIA_TRY(read_number(entry.substr(equals + 1), words));
            attribute.names.push_back({entry.substr(0, equals), number});
        }
        return {};
    }

    static Result<std::int64_t> read_number(std::string_view text, const Words& words) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) return words.unknown(text);
        return number;
    }

    static Result<void> read_option(AttributeSchema& attribute, Words& words) {
        static const std::map<std::string, bool AttributeSchema::*, std::less<>> flags{
            {"required", &AttributeSchema::required}, {"key", &AttributeSchema::key},
            {"key-part", &AttributeSchema::key_part}, {"case", &AttributeSchema::case_sensitive},
            {"expand", &AttributeSchema::expanded},   {"path", &AttributeSchema::path},
            {"secret", &AttributeSchema::secret},     {"infinite", &AttributeSchema::infinite},
            {"later", &AttributeSchema::later}};
        static const std::map<std::string, TextRule, std::less<>> rules{
            {"not-empty", TextRule::NotEmpty},
            {"pool-name", TextRule::PoolName},
            {"site-name", TextRule::SiteName},
            {"application-path", TextRule::ApplicationPath},
            {"directory-path", TextRule::VirtualDirectoryPath}};
        const std::int64_t scale = attribute.type == ValueType::TimeSpan ? 1000 : 1;
        const std::string& word = words.next();
        if (const auto* flag = look_up(flags, word)) {
            attribute.*(*flag) = true;
            return {};
        }
        if (word == "rule") {
            const std::string& name = words.next();
            const TextRule* rule = look_up(rules, name);
            if (rule == nullptr) return words.unknown(name);
            attribute.rule = *rule;
            return {};
        }
        if (word == "step") {
            attribute.step = scale * OSMIA_TRY(read_number(words.next(), words));
            return {};
        }
        if (word != "range" && word != "not") return words.unknown(word);
        const std::string& range = words.next();
        const std::size_t dots = range.find("..");
        if (dots == std::string::npos) return words.unknown(range);
        attribute.minimum = scale * OSMIA_TRY(read_number(std::string_view(range).substr(0, dots), words));
        attribute.maximum = scale * OSMIA_TRY(read_number(std::string_view(range).substr(dots + 2), words));
        attribute.excluded_range = word == "not";
        return {};
    }

    std::vector<Line> lines_;
    std::size_t at_ = 0;
    std::map<std::string, ElementPointer, std::less<>> shapes_;
};

}  // namespace

Result<void> Schema::add(std::string_view text, std::string_view name) {
    auto sections = SchemaReader(text).run();
    if (!sections.ok()) return make_error(ErrorKind::Invalid, "{}: {}", name, sections.error().message);
    for (SectionSchema& section : sections.value()) {
        if (find(section.path) != nullptr) {
            return make_error(ErrorKind::Invalid, "{}: section {} exists already", name, section.path);
        }
        section.index = sections_.size();
        sections_.push_back(std::move(section));
    }
    return {};
}

}  // namespace osmia::config
